import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { SimulateError } from './error.ts'
import type { Trace } from './load.ts'

/** The longest trace, a bit over a year; the largest file. */
const limits = { minutes: 600_000, bytes: 64 * 2 ** 20, requests: 1e12 } as const

const fail = (message: string): never => {
  throw new SimulateError('BAD_TRACE', message)
}

/** Reads a trace from a CSV file, also one that gzip packed. Throws SimulateError. */
export function readTrace(file: string): Trace {
  let bytes: Buffer
  try {
    if (statSync(file).size > limits.bytes) fail(`${file} is larger than 64 MiB: cut it into shorter traces.`)
    bytes = readFileSync(file)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes, { maxOutputLength: limits.bytes })
  } catch (error) {
    if (error instanceof SimulateError) throw error
    throw new SimulateError('BAD_TRACE', `${file} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
  return parseTrace(bytes.toString('utf8'), file)
}

/** 'YYYY-MM-DD HH:MM[:SS]' or ISO 8601; without a zone it is UTC. */
const date = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/

/** A moment or an index as a number, and what a minute is in it where that is known. */
function moment(text: string): { readonly at: number; readonly minute?: number } | undefined {
  const [, day, time, zone] = date.exec(text) ?? []
  if (day) {
    const at = Date.parse(`${day}T${time}${zone ?? 'Z'}`)
    return Number.isNaN(at) ? undefined : { at, minute: 60_000 }
  }
  return /^-?\d{1,15}(?:\.\d+)?$/.test(text) ? { at: Number(text) } : undefined
}

/**
 * A header, then a row a minute: a time (a date, or seconds or milliseconds since 1970) or an index, and the requests of that minute. Rows ascend; a minute
 * without a row, or whose requests are empty, was not recorded. Throws SimulateError, which names the line.
 */
export function parseTrace(text: string, file = 'the trace'): Trace {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.at(-1)?.trim() === '') lines.pop()
  const where = (index: number): string => `${file}, line ${index + 1}`
  if (lines.length < 2)
    fail(`${file} has no rows: it shall have a header, then a time or index and the requests of that minute.`)
  if (lines.length - 1 > limits.minutes)
    fail(`${file} has more than ${limits.minutes} rows: cut it into shorter traces.`)
  if (/^["\s]*[\d.+-]+["\s]*,["\s]*[\d.]+["\s]*$/.test(lines[0] ?? ''))
    fail(`${file} has no header: its first line is a row. Put 'minute,requests' above it.`)
  const rows = lines.slice(1).map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    if (cells.length < 2)
      fail(`${where(i + 1)} has one column: it shall have a time or index, a comma and the requests of that minute.`)
    const [time = '', requests = ''] = cells
    const when = moment(time)
    if (!when)
      return fail(
        `${where(i + 1)}: '${time.slice(0, 40)}' is no time: write a date (1998-04-30 21:30:00), seconds since 1970, or the minute's index.`,
      )
    if (requests !== '' && !/^\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/.test(requests))
      fail(
        `${where(i + 1)}: '${requests.slice(0, 40)}' is no number of requests: write a number from 0, or nothing where none was recorded.`,
      )
    const count = requests === '' ? Number.NaN : Number(requests)
    if (count > limits.requests)
      fail(`${where(i + 1)}: ${count} requests in a minute are more than ${limits.requests}.`)
    return { ...when, count }
  })
  const minute = minuteOf(rows, where)
  const first = rows[0]?.at ?? 0
  const length = Math.round(((rows.at(-1)?.at ?? 0) - first) / minute) + 1
  if (length > limits.minutes)
    fail(`${file} spans ${length} minutes, more than ${limits.minutes}: cut it into shorter traces.`)
  const perSecond = new Float64Array(length).fill(Number.NaN)
  for (const [i, { at, count }] of rows.entries()) {
    const place = (at - first) / minute
    if (!Number.isInteger(place))
      fail(`${where(i + 1)} is not whole minutes after the first row: bring the requests to one row a minute.`)
    perSecond[place] = count / 60
  }
  return { perSecond }
}

/** What a minute is in the rows' unit. */
function minuteOf(
  rows: readonly { readonly at: number; readonly minute?: number }[],
  where: (row: number) => string,
): number {
  let step = Number.POSITIVE_INFINITY
  for (const [i, { at, minute }] of rows.entries()) {
    const before = rows[i - 1]
    if (!before) continue
    if (minute !== before.minute) fail(`${where(i + 1)} mixes dates and numbers in its first column: use one of them.`)
    if (at <= before.at)
      fail(`${where(i + 1)} is not later than the row before: sort the rows by time, one for each minute.`)
    step = Math.min(step, at - before.at)
  }
  const dated = rows[0]?.minute
  const minute = dated ?? (step === Number.POSITIVE_INFINITY ? 1 : step)
  if (step !== Number.POSITIVE_INFINITY && step % minute !== 0)
    fail(`The rows are ${step / 1_000} s apart at the least: bring the requests to one row a minute.`)
  if (![1, 60, 60_000].includes(minute))
    fail(`The rows are ${minute} apart: a minute is 1 (an index), 60 (seconds) or 60000 (milliseconds).`)
  return minute
}
