import { type MlserverSetting, startMlserver } from '../peers/mlserver/mlserver.ts'
import { startOurs } from '../peers/ours.ts'
import { type PlainSetting, startPlain } from '../peers/plain/plain.ts'
import type { Classifier } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'

/** A server in one of its settings. */
export interface Contender {
  readonly server: 'ours' | 'mlserver' | 'plain'
  readonly setting: string
  readonly start: (model: Classifier) => Promise<RunningServer>
}

/** For two cores, of which the generator takes a part: what its documentation offers to make mlserver faster. */
const mlserverSettings: readonly MlserverSetting[] = [
  { name: 'in process', parallelWorkers: 0, threads: 1 },
  { name: 'in process, adaptive batching', parallelWorkers: 0, threads: 1, batching: { rows: 64, seconds: 0.002 } },
  { name: 'two workers', parallelWorkers: 2, threads: 1 },
]

const plainSettings: readonly PlainSetting[] = [
  { name: 'one process', workers: 1, threads: 1, inThreads: false },
  { name: 'one process, a pool of threads', workers: 1, threads: 1, inThreads: true },
  { name: 'two processes', workers: 2, threads: 1, inThreads: false },
]

export const contenders: readonly Contender[] = [
  { server: 'ours', setting: 'default', start: (model) => startOurs([model]) },
  ...mlserverSettings.map(
    (setting): Contender => ({
      server: 'mlserver',
      setting: setting.name,
      start: (model) => startMlserver(model, setting),
    }),
  ),
  ...plainSettings.map(
    (setting): Contender => ({ server: 'plain', setting: setting.name, start: (model) => startPlain(model, setting) }),
  ),
]
