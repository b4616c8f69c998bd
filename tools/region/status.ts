import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { profileOf, readRegion, regionStatus } from '../../infra/local/region.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from './context.ts'
import { command } from './run.ts'

const usage = `usage: nd status [--json]

Shows the region's own processes (with restarts) and its pods. Exit code 1 when something is not as it should be.`

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string }
    readonly status: {
      readonly phase?: string
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
  }[]
}

/** Pods that should be ready and are not. One that ran to its end is as it should be. */
export const unreadyPods = ({ items }: PodList): string[] =>
  items
    .filter(({ status }) => status.phase !== 'Succeeded')
    .filter(({ status }) => !status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const where = places()
    const status = regionStatus(where.region, where.stateRoot)
    if (values.json) console.log(JSON.stringify(status))
    else {
      const profile = profileOf(where.region, where.stateRoot)
      console.log(`region '${where.region}': ${status.phase}${profile === 'full' ? ', profile full' : ''}`)
      for (const [name, c] of Object.entries(status.supervisor?.components ?? {}))
        console.log(`  ${name.padEnd(26)} ${c.state}  ${c.restarts} restarts`)
    }
    if (status.phase !== 'ready') return 1
    const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
    const { kubeconfig } = readRegion(where.region, where.stateRoot).paths
    const pods = async (...format: string[]) =>
      (
        await promisify(execFile)(
          toolchain.bin('kubectl'),
          ['--kubeconfig', kubeconfig, 'get', 'pods', '-A', ...format],
          { signal },
        )
      ).stdout
    if (!values.json) console.log(`\n${(await pods('-o', 'wide')).trimEnd()}`)
    const unready = unreadyPods(JSON.parse(await pods('-o', 'json')) as PodList)
    if (unready.length > 0) console.error(`Not ready: ${unready.join(', ')}.`)
    return unready.length > 0 ? 1 : 0
  })
