import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { readRegion, regionStatus } from '../../infra/local/region.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from './context.ts'
import { command } from './run.ts'

const usage = `usage: nd status [--json]

Shows the region's own processes (with restarts) and its pods. Exit code 1 when something is not as it should be.`

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
      console.log(`region '${where.region}': ${status.phase}`)
      for (const [name, c] of Object.entries(status.supervisor?.components ?? {}))
        console.log(`  ${name.padEnd(26)} ${c.state}  ${c.restarts} restarts`)
    }
    if (status.phase !== 'ready') return 1
    const toolchain = await ensure(['kubernetes'], { cacheRoot: where.cacheRoot, signal })
    const { stdout } = await promisify(execFile)(
      toolchain.bin('kubectl'),
      ['--kubeconfig', readRegion(where.region, where.stateRoot).paths.kubeconfig, 'get', 'pods', '-A', '-o', 'wide'],
      { signal },
    )
    if (!values.json) console.log(`\n${stdout.trimEnd()}`)
    return 0
  })
