import { readFileSync, writeFileSync } from 'node:fs'
import { readJson } from '../files.ts'
import type { SupervisorPlan } from './plan.ts'
import { Supervisor } from './supervisor.ts'

const file = process.argv[2]
const plan = file ? readJson<SupervisorPlan>(file) : undefined
if (!plan) {
  console.error('The supervisor needs the path of its plan: it is started by the region, not by hand.')
  process.exit(2)
}
for (const procs of cgroupProcs(plan.cgroup)) tryWrite(procs, '0')

const supervisor = new Supervisor(plan)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void supervisor.stop())
await supervisor.run()

/** The files that take this process out of its parent's control group, so that a closed shell or CI step does not end the region. */
function cgroupProcs(cgroup: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return mounts
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => `${line.split(' ')[4]}/${cgroup}/region/cgroup.procs`)
}

function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch {
    // A hierarchy that the host did not prepare: the process stays where it is.
  }
}
