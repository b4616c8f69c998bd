import type { Codec } from '../../common/cache/levels.ts'
import { isObject } from './conditions.ts'
import type { AnswerColumn } from './statement.ts'

export type Cell = string | number | null | readonly string[]
export type Row = readonly Cell[]

/** What the hot tier says to a statement. */
export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** The engine answered something that its statement does not ask for. */
export class AnswerError extends Error {
  readonly code = 'BAD_ANSWER'
}

/** A number where a double holds it exactly, its digits otherwise. */
function countCell(value: unknown): Cell | undefined {
  const number = typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || number < 0) return undefined
  if (Number.isSafeInteger(number)) return number
  return typeof value === 'string' ? value : undefined
}

function instantCell(value: unknown): Cell | undefined {
  const at = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(at) ? new Date(at as number).toISOString() : undefined
}

const textCell = (value: unknown): Cell | undefined => (typeof value === 'string' ? value : undefined)
const textsCell = (value: unknown): Cell | undefined =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
/** Null: there is nothing to compute it of. */
const realCell = (value: unknown): Cell | undefined =>
  value === null || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined

/** From the engine's JSON. */
const fromEngine = { count: countCell, instant: instantCell, text: textCell, texts: textsCell, real: realCell } as const

const isoInstant = /^-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** From a cache: what an answer holds already. */
const asIs = {
  ...fromEngine,
  instant: (value: unknown) => (typeof value === 'string' && isoInstant.test(value) ? value : undefined),
} as const

function readRows(rows: unknown, columns: readonly AnswerColumn[], cells: typeof fromEngine | typeof asIs) {
  if (!Array.isArray(rows)) return undefined
  const read = rows.map((row: unknown) =>
    Array.isArray(row) && row.length === columns.length
      ? columns.map(({ kind }, i) => cells[kind](row[i]))
      : [undefined],
  )
  return read.some((row) => row.includes(undefined)) ? undefined : (read as Row[])
}

/** Reads the engine's answer in the format JSONCompact. Throws AnswerError. */
export function readAnswer(body: unknown, columns: readonly AnswerColumn[]): Answer {
  const rows = isObject(body) ? readRows(body.data, columns, fromEngine) : undefined
  if (!rows) throw new AnswerError('The hot tier did not answer with the columns that were asked for.')
  return { columns: columns.map(({ name }) => name), rows }
}

/** Answers to one statement in the shared cache: what has other columns than these is no answer. */
export const answerCodec = (columns: readonly AnswerColumn[], maxRows: number): Codec<Answer> => ({
  encode: ({ rows }) => JSON.stringify(rows),
  decode: (text) => {
    const rows = readRows(JSON.parse(text), columns, asIs)
    return rows && rows.length <= maxRows ? { columns: columns.map(({ name }) => name), rows } : undefined
  },
})
