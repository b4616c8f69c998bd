import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { readRegion } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import { RegionClient } from '../region/client.ts'
import { places, UsageError } from '../region/context.ts'
import { command } from '../region/run.ts'
import { type Options, parseOptions, usage } from './options.ts'
import {
  type HistoryAnswer,
  type MapAnswer,
  type OfferAnswer,
  progressLine,
  showHistory,
  showMap,
  showOffer,
} from './show.ts'

const pollMs = 500
/** A manager that is restarted answers again within this. */
const patienceMs = 120_000

function clientOf({ other }: Options): RegionClient {
  if (other)
    return new RegionClient({
      url: other.url,
      ca: readFileSync(other.ca, 'utf8'),
      token: readFileSync(other.tokenFile, 'utf8').trim(),
    })
  const { region, stateRoot } = places()
  const { secrets, paths, nodeAddress } = readRegion(region, stateRoot)
  const token = secrets.operators?.ops?.token
  if (token === undefined)
    throw new UsageError(`The region '${region}' has no operator yet. Bring it up again with 'make up'.`)
  const ca = readFileSync(join(paths.workloadPki, 'ca.crt'), 'utf8')
  return new RegionClient({ url: `https://${nodeAddress}:${services['shard-manager'].nodePort}`, ca, token })
}

/** Asks the manager; what it refuses is said with its own sentence. */
async function ask<T>(client: RegionClient, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const reply = await client.call(method, path, body === undefined ? undefined : JSON.stringify(body), {
    'content-type': 'application/json',
  })
  if (reply.status >= 200 && reply.status < 300) return JSON.parse(reply.body) as T
  let says = reply.body
  try {
    says = (JSON.parse(reply.body) as { message: string }).message
  } catch {
    // Not from the manager: shown as it is.
  }
  throw new Error(`The shard manager answered ${reply.status}: ${says}`)
}

async function agreed(options: Options): Promise<boolean> {
  if (options.yes) return true
  if (!process.stdin.isTTY) throw new UsageError('Nothing was done. Look at the plan, and say --yes to carry it out.')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question('Carry it out? [y/N] ')).trim())
  } finally {
    lines.close()
  }
}

/** Shows how far it is until it is over. When the signal fires, what can be given up is. A manager that is away for a while is waited for. */
async function watch(client: RegionClient, { json }: Options, signal: AbortSignal): Promise<MapAnswer> {
  const giveUp = () => {
    ask(client, 'POST', '/v1/abort').catch((error: Error) => console.error(error.message))
  }
  signal.addEventListener('abort', giveUp, { once: true })
  let shown = ''
  let answered = Date.now()
  try {
    for (;;) {
      try {
        const map = await ask<MapAnswer>(client, 'GET', '/v1/map')
        answered = Date.now()
        if (!map.rebalance) return map
        const line = progressLine(map)
        if (!json && line !== shown) console.error(line)
        shown = line
      } catch (error) {
        if (Date.now() - answered > patienceMs) throw error
      }
      await delay(pollMs)
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

async function change(client: RegionClient, options: Options, signal: AbortSignal): Promise<number> {
  const { json } = options
  const offer = await ask<OfferAnswer>(client, 'POST', '/v1/plan', options.change)
  if (!json || options.command === 'plan') console.log(json ? JSON.stringify(offer) : showOffer(offer))
  if (options.command === 'plan') return 0
  if (!(await agreed(options))) return 1
  await ask(client, 'POST', '/v1/rebalance', { plan: offer.plan, despite: options.despite })
  if (!options.wait) return 0
  const map = await watch(client, options, signal)
  console.log(json ? JSON.stringify(map) : showMap(map))
  const { history } = await ask<HistoryAnswer>(client, 'GET', '/v1/history')
  const outcome = history.at(-1)?.outcome
  return signal.aborted ? 130 : outcome === 'done' ? 0 : 1
}

const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const options = parseOptions(args)
    if (options === 'help') {
      console.log(usage)
      return 0
    }
    const client = clientOf(options)
    const say = (value: unknown, text: string) => console.log(options.json ? JSON.stringify(value) : text)
    try {
      if (options.command === 'show') {
        const map = await ask<MapAnswer>(client, 'GET', '/v1/map')
        say(map, showMap(map))
      } else if (options.command === 'history') {
        const past = await ask<HistoryAnswer>(client, 'GET', '/v1/history')
        say(past, showHistory(past))
      } else if (options.command === 'abort') {
        await ask(client, 'POST', '/v1/abort')
        const map = await watch(client, options, signal)
        say(map, showMap(map))
      } else return await change(client, options, signal)
      return 0
    } finally {
      client.close()
    }
  })

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
