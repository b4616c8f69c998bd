/** The RuntimeClass, and containerd's handler, of pods that yield (`EnvironmentPolicy.yields`). */
export const yieldingClass = 'yielding'

/**
 * Sets the pod of the container that is being made idle for the scheduler (cgroup `cpu.idle`, Linux 5.15): whoever else wakes takes the core from it at once.
 * Between pods only the pod's own group counts, which no runtime sets and the kubelet cannot; so the container finds it, one above its own. Where the kernel
 * has no such thing, the pod runs like all others.
 */
const makeIdle = `
pid=$(sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p')
own=$(sed -n -e 's/^[0-9]*:\\(.*,\\)\\{0,1\\}cpu\\(,.*\\)\\{0,1\\}:/\\/cpu/p' -e 's/^0:://p' "/proc/$pid/cgroup" | head -n 1)
[ -n "$own" ] || exit 0
idle="/sys/fs/cgroup\${own%/*}/cpu.idle"
if [ -w "$idle" ]; then echo 1 > "$idle"; fi
`

interface RuntimeSpec {
  readonly hooks?: object
}

/** What the containers of pods that yield are made after (OCI runtime-spec): containerd's own, and the hook. */
export function yieldingSpec<Spec extends RuntimeSpec>(plain: Spec): Spec {
  const hook = { path: '/bin/sh', args: ['sh', '-c', makeIdle], timeout: 10 }
  return { ...plain, hooks: { createRuntime: [hook] } }
}
