import type { Grpc } from './grpc.ts'
import type { Rest } from './rest.ts'

/** The server that is checked. */
export interface Target {
  readonly rest: Rest
  /** Where it is not given, requirements of gRPC are left out. */
  readonly grpc: Grpc | undefined
  /** A model with a first dimension that varies, over numbers, that is loaded. */
  readonly model: string
  /** Models that give their input back are called this and a datatype in lower case: `echo-fp32`. */
  readonly echo: string
}

/** One sentence of the protocol, and how a server shows that it keeps it. */
export interface Requirement {
  /** Stays the same for ever: docs and other people's reports name it. */
  readonly id: string
  /** `must`: the protocol says so. `should`: what a client expects where the protocol leaves it open. */
  readonly level: 'must' | 'should'
  readonly says: string
  /** The published document and its section. */
  readonly source: string
  /** Resolves where the server keeps it; throws {@link Unmet} with what it did instead, {@link NotApplicable} where it cannot be asked. */
  readonly check: (target: Target) => Promise<void>
}

class Unmet extends Error {}
export class NotApplicable extends Error {}

/** @throws Unmet with what was seen, unless `kept`. */
export function expect(kept: unknown, seen: string): asserts kept {
  if (!kept) throw new Unmet(seen)
}

export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
/** Short enough for a line of a report. */
export const shown = (value: unknown): string => {
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : (JSON.stringify(value) ?? String(value))
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}
