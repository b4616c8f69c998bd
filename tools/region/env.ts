import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensure } from '../engine/ensure.ts'
import { places } from './context.ts'
import { pulumiFor } from './pulumi.ts'
import { command } from './run.ts'

const usage = `usage: nd env

Prints the environment in which plain 'pulumi' and 'kubectl' work on the region: eval "$(make -s env)"`

/** A POSIX shell's spelling of any text. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h', default: false } } })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const where = places()
    const toolchain = await ensure(['pulumi', 'kubernetes'], { cacheRoot: where.cacheRoot, signal })
    const path = `${toolchain.path('kubernetes')}:${process.env.PATH ?? ''}`
    const variables = {
      ...pulumiFor(where, toolchain).environment(path),
      KUBECONFIG: join(where.state, 'admin.kubeconfig'),
    }
    for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${quote(value)}`)
    return 0
  })
