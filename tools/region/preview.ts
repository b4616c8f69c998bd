import { parseArgs } from 'node:util'
import { readRegion } from '../../infra/local/region.ts'
import { checkEnvironment } from '../../policies/checks/index.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from './context.ts'
import { pulumiFor } from './pulumi.ts'
import { command } from './run.ts'
import { stacks } from './up.ts'

const usage = `usage: nd preview

Shows what 'nd up' would change in the running region, object by object, property by property. Changes nothing.`

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h', default: false } } })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const where = places()
    readRegion(where.region, where.stateRoot)
    checkEnvironment('local')
    const toolchain = await ensure(['pulumi'], { cacheRoot: where.cacheRoot, signal })
    for (const stack of stacks) {
      console.log(`\n${stack}`)
      await pulumiFor(where, toolchain).preview(stack, {
        diff: true,
        onOutput: (text) => process.stdout.write(text),
        signal,
      })
    }
    return 0
  })
