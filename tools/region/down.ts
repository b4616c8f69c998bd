import { parseArgs } from 'node:util'
import { stopRegion } from '../../infra/local/region.ts'
import { places } from './context.ts'
import { command } from './run.ts'
import { Steps } from './steps.ts'

const usage = `usage: nd down [--keep]

Takes the local region away: its processes, mounts, links, routes, control groups and files. --keep keeps its data (what Kafka,
ClickHouse, etcd and Pulumi wrote), and the next 'nd up' continues with it. The toolchain cache stays (~/.cache/neurodefender); 'nd engine --clean' removes old versions from it.`

export const main = (args: string[]): Promise<number> =>
  command(async () => {
    const { values } = parseArgs({
      args,
      options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const { region, stateRoot } = places()
    const steps = new Steps()
    await steps.run(`down ${region}`, (note) =>
      stopRegion({ name: region, stateRoot, keep: values.keep, onProgress: note }),
    )
    console.log(
      values.keep
        ? `The region is down; its data is kept in ${stateRoot}/${region}.`
        : 'Nothing of the region is left.',
    )
    return 0
  })
