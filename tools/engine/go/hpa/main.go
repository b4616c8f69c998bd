// The horizontal pod autoscaler of Kubernetes, unmodified, on virtual time: it reads cases from standard input, one JSON object a
// line (see case.go), lets the controller decide every 15 s of each, and writes what it decided, one JSON object a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"testing"
	"testing/synctest"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	// The usual handlers pause after each error, by a clock that cases would share.
	utilruntime.ErrorHandlers = nil
	out := json.NewEncoder(os.Stdout)
	// What the tests say of themselves goes beside what is asked for.
	os.Stdout = os.Stderr
	all := func(_, _ string) (bool, error) { return true, nil }
	// synctest gives out virtual time to tests alone. Exits with their status.
	testing.Main(all, tests(read(os.Stdin), out), nil, nil)
}

func read(from io.Reader) []testCase {
	in := json.NewDecoder(bufio.NewReader(from))
	var cases []testCase
	for {
		var c testCase
		if err := in.Decode(&c); errors.Is(err, io.EOF) {
			return cases
		} else if err != nil {
			log.Fatalf("cases shall be JSON, one a line: %v", err)
		}
		cases = append(cases, c)
	}
}

func tests(cases []testCase, out *json.Encoder) []testing.InternalTest {
	tests := make([]testing.InternalTest, len(cases))
	for i, c := range cases {
		tests[i] = testing.InternalTest{Name: c.Name, F: func(t *testing.T) {
			var decisions []decision
			synctest.Test(t, func(t *testing.T) { decisions = replay(t, c) })
			if err := out.Encode(map[string]any{"name": c.Name, "decisions": decisions}); err != nil {
				t.Fatal(err)
			}
		}}
	}
	return tests
}
