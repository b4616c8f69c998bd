import { readRequestBody } from '../../common/http/body.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Exchange, Routes } from '../../common/http/server.ts'
import type { MapContent } from '../../common/sharding/map.ts'
import { imbalance } from './loads.ts'
import type { ShardManager } from './manager.ts'
import type { Operators } from './operators.ts'
import { parseChange } from './request.ts'

const maxBodyBytes = 64 * 1_024

async function jsonOf(request: Exchange['request']): Promise<unknown> {
  const body = await readRequestBody(request, { maxBytes: maxBodyBytes })
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'The body is not JSON.')
  }
}

const progressOf = ({ version, moves, rebalance }: MapContent) => ({
  version,
  moves: moves.map(({ cut, ...move }) => ({ ...move, ...(cut === undefined ? {} : { cut: cut.toString() }) })),
  ...(rebalance && { rebalance: { ...rebalance, waiting: rebalance.waiting.length } }),
})

/** What operators can ask for. Looking and planning takes the right `read`, everything else `change`. */
export function routesOf(manager: ShardManager, operators: Pick<Operators, 'require'>): Routes {
  return {
    'GET /v1/map': ({ request }) => {
      operators.require(request, 'read')
      const { map } = manager
      const loads = manager.loads()
      return {
        status: 200,
        body: {
          ...progressOf(map),
          at: map.at,
          partitions: map.partitions,
          imbalance: imbalance(loads),
          shards: loads.map((row) => ({
            ...row,
            region: map.shards.find(({ id }) => id === row.shard)?.region,
            seen: manager.seen(row.shard),
          })),
          placements: map.placements.map(({ slots, ...placement }) => ({
            ...placement,
            slots,
            owners: slots.map((slot) => map.owners[slot]),
          })),
        },
      }
    },
    'GET /v1/owners': ({ request }) => {
      operators.require(request, 'read')
      const { version, owners, epochs } = manager.map
      return { status: 200, body: { version, owners: [...owners], epochs: [...epochs] } }
    },
    'GET /v1/history': ({ request }) => {
      operators.require(request, 'read')
      return { status: 200, body: { history: manager.map.history } }
    },
    'POST /v1/plan': async ({ request }) => {
      operators.require(request, 'read')
      return { status: 200, body: manager.offer(parseChange(await jsonOf(request))) }
    },
    'POST /v1/rebalance': async ({ request }) => {
      const { name } = operators.require(request, 'change')
      const { plan, despite, ...rest } = (await jsonOf(request)) as Record<string, unknown>
      if (typeof plan !== 'string' || Object.keys(rest).length > 0)
        throw new HttpError(
          400,
          'BAD_REQUEST',
          'The body must be {"plan": ID of a plan}, and may have \'despite\': true.',
        )
      return { status: 202, body: progressOf(await manager.rebalance(plan, name, despite === true)) }
    },
    'POST /v1/abort': async ({ request }) => {
      const { name } = operators.require(request, 'change')
      return { status: 202, body: progressOf(await manager.abort(name)) }
    },
  }
}
