import type { TenantClass } from '../../../policies/model/sharding.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { MapContent, Placement, Shard } from '../../common/sharding/map.ts'
import { freeSlots } from './change.ts'

/** What an operator wants changed; nothing: only balance. */
export interface ChangeRequest {
  readonly cause: string
  /** New weights by shard; 0 empties one. */
  readonly weights: Readonly<Record<string, number>>
  /** Tenants that get slots of their own. */
  readonly place: readonly { readonly tenant: string; readonly class: string; readonly region?: string }[]
  /** Tenants that go back to the slot of their hash. */
  readonly release: readonly string[]
}

const bad = (message: string) => new HttpError(400, 'BAD_REQUEST', message)
const maxWeight = 1_000
/** Some 50 bytes each; a version of the map must stay below the topic's largest record. */
const mostReplaced = 8_192
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value)
const members = new Set(['cause', 'weights', 'place', 'release'])

/** The request in a body. Throws HttpError 400 that says what is wrong. */
export function parseChange(body: unknown): ChangeRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw bad('The body must be a JSON object.')
  const { cause = '', weights = {}, place = [], release = [], ...rest } = body as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw bad(`'${unknown.slice(0, 40)}' is not known; there are ${[...members].join(', ')}.`)
  if (typeof cause !== 'string' || cause.length > 200) throw bad('cause must be a text of at most 200 characters.')
  if (typeof weights !== 'object' || weights === null) throw bad('weights must be an object: shard → weight.')
  for (const [shard, weight] of Object.entries(weights))
    if (!/^\d{1,5}$/.test(shard) || typeof weight !== 'number' || !(weight >= 0 && weight <= maxWeight))
      throw bad(`weights.${shard.slice(0, 40)} must be a number from 0 to ${maxWeight}.`)
  if (!Array.isArray(place) || !Array.isArray(release) || place.length + release.length > 100)
    throw bad('place and release must be lists, of at most 100 tenants together.')
  const placed = place.map((one) => {
    const { tenant, class: kind, region } = (one ?? {}) as Record<string, unknown>
    if (!isName(tenant) || !isName(kind) || (region !== undefined && !isName(region)))
      throw bad('Each of place must have a tenant and a class, and may have a region, as texts without spaces.')
    return { tenant, class: kind, ...(region === undefined ? {} : { region }) }
  })
  for (const tenant of release) if (!isName(tenant)) throw bad('Each of release must be a tenant.')
  return { cause, weights: weights as ChangeRequest['weights'], place: placed, release }
}

/** The shards and placements that a request asks for. Throws HttpError 400, 404, 409 for what the map cannot do. */
export function asked(
  map: MapContent,
  { weights, place, release }: ChangeRequest,
  classes: Readonly<Record<string, TenantClass>>,
): { readonly shards: readonly Shard[]; readonly placements: readonly Placement[] } {
  const known = new Set(map.shards.map(({ id }) => id))
  for (const shard of Object.keys(weights))
    if (!known.has(Number(shard)))
      throw new HttpError(404, 'NO_SUCH_SHARD', `There is no shard ${shard}: ${[...known].join(', ')}.`)
  const shards = map.shards.map((shard) => ({ ...shard, weight: weights[shard.id] ?? shard.weight }))
  if (!shards.some(({ weight }) => weight > 0)) throw bad('One shard must keep a weight.')
  const replaced = new Set([...map.usedSince.keys(), ...place.map(({ tenant }) => tenant)])
  if (replaced.size > mostReplaced)
    throw new HttpError(
      409,
      'TOO_MANY_PLACED',
      `A map remembers each tenant that was ever placed, and has room for ${mostReplaced}. Place tenants that were placed before.`,
    )
  const regions = new Set(shards.map(({ region }) => region))
  let placements = map.placements.filter(({ tenant }) => !release.includes(tenant))
  if (placements.length !== map.placements.length - new Set(release).size)
    throw new HttpError(404, 'NOT_PLACED', 'A tenant of release has no slots of its own.')
  for (const { tenant, class: kind, region } of place) {
    const found = Object.hasOwn(classes, kind) ? classes[kind] : undefined
    if (!found) throw bad(`There is no class '${kind}': ${Object.keys(classes).join(', ')}.`)
    if (region !== undefined && !regions.has(region))
      throw bad(`No shard is in region '${region}'; this map has ${[...regions].join(', ')}.`)
    placements = placements.filter((other) => other.tenant !== tenant)
    const slots = freeSlots({ ...map, placements: [...placements, ...map.placements] }, found.ways)
    if (slots === undefined)
      throw new HttpError(
        409,
        'NO_PRIVATE_SLOTS',
        `${found.ways} private slots are wanted and not left. Release tenants first.`,
      )
    const pin = region === undefined ? {} : { region }
    placements = [...placements, { tenant, class: kind, slots, by: found.by, ...pin, active: false, since: 0 }]
  }
  return { shards, placements }
}
