import { parseArgs } from 'node:util'
import { addTenants, readRegion } from '../../infra/local/region.ts'
import { parseTenants } from '../../services/common/tenants/parse.ts'
import { type Places, places, UsageError } from './context.ts'
import { command } from './run.ts'
import { Steps } from './steps.ts'
import { up } from './up.ts'

const usage = `usage: nd tenants [--add NAME[,NAME…]]

Lists the tenants of the running region, or adds some, each with a token of its own (in the region's secrets.json), and applies that.`

/** Makes sure that the running region knows these tenants: adds what is missing and brings the region up again with them. Throws UsageError for a bad name. */
export async function ensureTenants(
  where: Places,
  names: readonly string[],
  { steps, signal }: { readonly steps: Steps; readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const { paths } = readRegion(where.region, where.stateRoot)
  const entries = names.map((tenant, i) => ({ tenant, tokenSha256: i.toString(16).padStart(64, '0'), homeRegion: 'x' }))
  try {
    parseTenants(JSON.stringify({ tenants: entries }))
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
  const added = addTenants(paths.secrets, names, 'local')
  if (added.length > 0) await up({ steps, signal })
  return added
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: { add: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const where = places()
    if (values.add !== undefined) await ensureTenants(where, values.add.split(','), { steps: new Steps({}), signal })
    console.log(Object.keys(readRegion(where.region, where.stateRoot).secrets.tenants).join('\n'))
    return 0
  })
