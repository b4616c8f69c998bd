// prompt PROGRAM [ARG...] runs a program whose threads get the CPU in small slices and therefore soon.
//
// Linux's scheduler (EEVDF, 6.12 and later) serves first whose slice would end first. Somebody waits for each of the program's answers, so its threads
// ask for little at a time; those that ask for nothing get the kernel's default and work through more at once. It is the system call sched_setattr,
// which neither Node nor Java nor Debian 12's chrt makes. A kernel that knows no slices of threads ignores it.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

const (
	sysSchedSetattr = 314 // x86-64
	sysSchedGetattr = 315
	slice           = 300_000 // nanoseconds
)

// struct sched_attr of linux/sched/types.h, its first version.
type attributes struct {
	size     uint32
	policy   uint32
	flags    uint64
	nice     int32
	priority uint32
	runtime  uint64
	deadline uint64
	period   uint64
}

// What a thread asks for stays with it across exec, and its children and threads inherit it: it must be the thread that calls exec.
func init() { runtime.LockOSThread() }

func askForSlices() error {
	var now attributes
	size := unsafe.Sizeof(now)
	if _, _, errno := syscall.RawSyscall6(sysSchedGetattr, 0, uintptr(unsafe.Pointer(&now)), size, 0, 0, 0); errno != 0 {
		return errno
	}
	now.size = uint32(size)
	now.flags = 0
	now.runtime = slice
	if _, _, errno := syscall.RawSyscall(sysSchedSetattr, 0, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		return errno
	}
	return nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: prompt PROGRAM [ARG...]")
		os.Exit(2)
	}
	if err := askForSlices(); err != nil {
		// It runs all the same, only later now and then.
		fmt.Fprintf(os.Stderr, "prompt: no slices of its own for %s: %v\n", os.Args[1], err)
	}
	program, err := exec.LookPath(os.Args[1])
	if err == nil {
		err = syscall.Exec(program, os.Args[1:], os.Environ())
	}
	fmt.Fprintf(os.Stderr, "prompt: %s: %v\n", os.Args[1], err)
	os.Exit(127)
}
