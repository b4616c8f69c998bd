import { arrayElements } from '../../common/formats/json-elements.ts'
import { HttpError } from '../../common/http/errors.ts'
import {
  type BodyFormat,
  type EventListener,
  judgeOf,
  type Line,
  type LineLimits,
  type Rejected,
  type Split,
  splitNdjson,
  tooMany,
} from './lines.ts'

/**
 * One event an element. An element keeps its bytes as they stand in the array, line ends inside it included. Its line is its place in the
 * array. Throws HttpError 400 when the body is no array, 413 for too many events.
 */
function splitArray(body: Buffer, limits: LineLimits, times?: EventListener): Split {
  const judge = judgeOf(body, limits, times)
  const spans = arrayElements(body, limits.maxEvents)
  if (spans === undefined)
    throw new HttpError(
      400,
      'NOT_AN_ARRAY',
      'The body is not a JSON array. Send [{…}, {…}] or use application/x-ndjson.',
    )
  if (spans.length > limits.maxEvents) throw tooMany(limits.maxEvents)
  const accepted: Line[] = []
  const rejected: Rejected[] = []
  for (const [line, [start, end]] of spans.entries()) {
    const bytes = body.subarray(start, end)
    const reason = judge(start, end)
    if (reason === undefined) accepted.push({ line, bytes })
    else rejected.push({ line, bytes, reason })
  }
  return { accepted, rejected }
}

const splitters = { ndjson: splitNdjson, array: splitArray } as const satisfies Record<BodyFormat, unknown>

/** Cuts a body into events and into what is none. `times` is told of every event. */
export const split = (format: BodyFormat, body: Buffer, limits: LineLimits, times?: EventListener): Split =>
  splitters[format](body, limits, times)
