import { parseArgs } from 'node:util'
import { UsageError } from '../region/context.ts'

export const usage = `usage: npm run --silent shards -- COMMAND [OPTION...]

  show                what the shards carry, and what is under way
  plan                what a change would do (changes nothing)
  rebalance           plan, ask, and carry it out; Ctrl-C gives it up as far as it can be
  isolate TENANT      give a tenant slots of its own (--class isolated: shards of its own; giant: split by a second key)
  release TENANT      put it back to the slot of its hash
  history             what was done before
  abort               give up what is under way

  --weight SHARD=W    for plan and rebalance: a new weight (0 empties a shard); again for more
  --class NAME        for isolate. Default: isolated
  --region NAME       for isolate: only shards of this region
  --cause TEXT        why, for the history
  --yes               do not ask
  --despite-findings  carry out a plan that breaks promises
  --no-wait           do not wait until it is done
  --json              answers as JSON
  --url URL --ca FILE --token-file FILE    another manager than that of the local region (REGION, NEURODEFENDER_REGION)`

const commands = ['show', 'plan', 'rebalance', 'isolate', 'release', 'history', 'abort'] as const
export type CommandName = (typeof commands)[number]

export interface Options {
  readonly command: CommandName
  /** The body of POST /v1/plan. */
  readonly change: Readonly<Record<string, unknown>>
  readonly yes: boolean
  readonly despite: boolean
  readonly wait: boolean
  readonly json: boolean
  readonly other: { readonly url: string; readonly ca: string; readonly tokenFile: string } | undefined
}

/** The options in arguments; 'help' where that is asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = read(args)
  if (values.help || positionals.length === 0) return 'help'
  const [name, tenant, ...rest] = positionals
  const command = commands.find((known) => known === name)
  if (!command) throw new UsageError(`There is no command '${name}': ${commands.join(', ')}.`)
  const takesTenant = command === 'isolate' || command === 'release'
  if (rest.length > 0 || (tenant !== undefined) !== takesTenant)
    throw new UsageError(takesTenant ? `${command} takes one TENANT.` : `${command} takes no '${tenant}'.`)
  const { url, ca, 'token-file': tokenFile } = values
  if ([url, ca, tokenFile].some((one) => one !== undefined) && !(url && ca && tokenFile))
    throw new UsageError('--url, --ca and --token-file go together.')
  const cause = values.cause ?? (takesTenant ? `${command} ${tenant}` : undefined)
  return {
    command,
    change: {
      ...(cause === undefined ? {} : { cause }),
      ...(values.weight.length > 0 ? { weights: weightsOf(values.weight) } : {}),
      ...(command === 'isolate'
        ? {
            place: [{ tenant, class: values.class, ...(values.region === undefined ? {} : { region: values.region }) }],
          }
        : {}),
      ...(command === 'release' ? { release: [tenant] } : {}),
    },
    yes: values.yes,
    despite: values['despite-findings'],
    wait: !values['no-wait'],
    json: values.json,
    other: url && ca && tokenFile ? { url, ca, tokenFile } : undefined,
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        weight: { type: 'string', multiple: true, default: [] },
        class: { type: 'string', default: 'isolated' },
        region: { type: 'string' },
        cause: { type: 'string' },
        yes: { type: 'boolean', default: false },
        'despite-findings': { type: 'boolean', default: false },
        'no-wait': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        url: { type: 'string' },
        ca: { type: 'string' },
        'token-file': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function weightsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, shard, weight] = /^(\d+)=(\d+(?:\.\d+)?)$/.exec(text) ?? []
      if (shard === undefined) throw new UsageError(`--weight ${text} must be SHARD=WEIGHT, such as 2=0.`)
      return [shard, Number(weight)]
    }),
  )
}
