import { cpSync, readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EngineError } from '../engine/error.ts'
import { ensureSchemas } from './make.ts'
import { location } from './schema.ts'

const usage = `usage: node tools/schemas/main.ts [--out DIR]

Makes JSON schemas of all kinds that our manifests use, from the modules that tools/schemas/modules.ts pins, for validation without a cluster:
  kubeconform -strict -schema-location '${location('DIR')}' FILE...

  --out DIR   copy them there too (default: only the toolchain's cache)`

/** Runs the command line and returns its exit status. */
async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' }, out: { type: 'string' } } })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const made = await ensureSchemas({ onProgress: (text) => console.log(text) })
    if (values.out) cpSync(made, values.out, { recursive: true })
    const count = readdirSync(made, { recursive: true }).filter((name) => String(name).endsWith('.json')).length
    console.log(`${count} schemas: ${values.out ?? made}`)
    return 0
  } catch (error) {
    const usageError = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!(error instanceof EngineError) && !usageError) throw error
    console.error(`schemas: ${(error as Error).message}`)
    return usageError ? 2 : 1
  }
}

process.exitCode = await main(process.argv.slice(2))
