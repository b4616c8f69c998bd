import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { faults } from './laws.ts'
import type { MapContent, Move, PastChange, Placement, Rebalance, Shard } from './map.ts'
import { slotCount } from './slot.ts'

/** A manager takes over: what managers before it write behind this record counts for nothing. */
export interface Claim {
  readonly kind: 'claim'
  readonly term: number
  readonly writer: string
}

/** A version of the map by the manager of a term. */
export interface MapRecord {
  readonly kind: 'map'
  readonly term: number
  readonly writer: string
  readonly content: MapContent
}

/** Why bytes are no record of the topic. */
export class MapFormatError extends Error {
  readonly code = 'BAD_MAP_RECORD'
}

/** Version of the format. A reader refuses a newer one: upgrade readers before the manager. */
const format = 1

const pack = (numbers: Uint16Array | Uint32Array): string =>
  deflateRawSync(Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)).toString('base64')

function unpack(text: unknown, width: 2 | 4): Buffer {
  const length = slotCount * width
  const bytes = inflateRawSync(Buffer.from(String(text), 'base64'), { maxOutputLength: length })
  if (bytes.length !== length) throw new Error(`${bytes.length} bytes of slots instead of ${length}`)
  // A copy of its own: typed arrays want their alignment.
  return Buffer.from(new Uint8Array(bytes).buffer)
}

/** The value of a record: JSON, slots as little-endian numbers, deflated, in base64. */
export function encodeMapRecord(record: Claim | MapRecord): Buffer {
  const { kind, term, writer } = record
  if (kind === 'claim') return Buffer.from(JSON.stringify({ format, kind, term, writer }))
  const { owners, epochs, begins, usedSince, moves, ...rest } = record.content
  return Buffer.from(
    JSON.stringify({
      format,
      kind,
      term,
      writer,
      ...rest,
      owners: pack(owners),
      epochs: pack(epochs),
      begins: [...begins].map(([slot, offset]) => [slot, offset.toString()]),
      usedSince: [...usedSince],
      moves: moves.map((move) => ({ ...move, ...(move.cut === undefined ? {} : { cut: move.cut.toString() }) })),
    }),
  )
}

interface Wire extends Omit<MapContent, 'owners' | 'epochs' | 'begins' | 'usedSince' | 'moves'> {
  readonly format: number
  readonly kind: string
  readonly term: number
  readonly writer: string
  readonly owners: string
  readonly epochs: string
  readonly begins: readonly (readonly [number, string])[]
  /** Maps that were written before there was one have none. */
  readonly usedSince?: readonly (readonly [string, number])[]
  readonly moves: readonly (Omit<Move, 'cut'> & { readonly cut?: string })[]
}

/** The record in a value. Throws MapFormatError for what is no record, or a map that breaks a law of maps. */
export function decodeMapRecord(value: Buffer): Claim | MapRecord {
  try {
    const wire = JSON.parse(value.toString('utf8')) as Wire
    if (wire.format !== format) throw new Error(`format ${wire.format}, and this reader knows ${format}: upgrade it`)
    const { kind, term, writer } = wire
    if (!Number.isSafeInteger(term) || term < 1 || typeof writer !== 'string') throw new Error('no term or no writer')
    if (kind === 'claim') return { kind, term, writer }
    if (kind !== 'map') throw new Error(`kind '${kind}'`)
    const content = contentOf(wire)
    const [fault] = faults(content)
    if (fault !== undefined) throw new Error(fault)
    return { kind, term, writer, content }
  } catch (cause) {
    throw new MapFormatError(`This is no record of shards.map that can be read: ${(cause as Error).message}.`, {
      cause,
    })
  }
}

function contentOf(wire: Wire): MapContent {
  const owners = unpack(wire.owners, 2)
  const epochs = unpack(wire.epochs, 4)
  return {
    version: wire.version,
    at: wire.at,
    partitions: wire.partitions,
    shards: [...(wire.shards as readonly Shard[])],
    owners: new Uint16Array(owners.buffer, owners.byteOffset, slotCount),
    epochs: new Uint32Array(epochs.buffer, epochs.byteOffset, slotCount),
    begins: new Map(wire.begins.map(([slot, offset]) => [slot, BigInt(offset)])),
    placements: [...(wire.placements as readonly Placement[])],
    usedSince: new Map(wire.usedSince ?? []),
    moves: wire.moves.map(({ cut, ...move }) => ({ ...move, ...(cut === undefined ? {} : { cut: BigInt(cut) }) })),
    ...(wire.rebalance === undefined ? {} : { rebalance: wire.rebalance as Rebalance }),
    history: [...(wire.history as readonly PastChange[])],
  }
}
