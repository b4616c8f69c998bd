import { join } from 'node:path'
import { readJson } from './files.ts'
import { runningTree } from './host/tree.ts'
import { regionPaths } from './state.ts'
import type { SupervisorStatus } from './supervisor/plan.ts'

export interface RegionStatus {
  /** `absent`: no state; `stopped`: data without processes. */
  readonly phase: 'absent' | 'stopped' | SupervisorStatus['phase']
  /** The region's first process, as this machine numbers it: its namespaces are in /proc/<pid>/ns. */
  readonly initPid?: number
  readonly supervisor?: SupervisorStatus
}

/** What a region does now. */
export function regionStatus(name: string, stateRoot: string): RegionStatus {
  const paths = regionPaths(stateRoot, name)
  const tree = runningTree(paths)
  if (!tree) return { phase: readJson(paths.facts) ? 'stopped' : 'absent' }
  const supervisor = readJson<SupervisorStatus>(join(paths.run, 'status.json'))
  return { phase: supervisor?.phase ?? 'network', initPid: tree.init.pid, ...(supervisor ? { supervisor } : {}) }
}
