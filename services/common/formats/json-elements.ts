/** The parts of a JSON array, found without building it: [start, end) of each element in the bytes. */
export type Span = readonly [start: number, end: number]

const space = new Set([0x20, 0x09, 0x0a, 0x0d])
const [quote, backslash, comma, open, close, openBrace, closeBrace] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d]

/** The first byte at or after `from` that is no space of JSON. */
export const skipSpace = (body: Buffer, from: number): number => {
  let i = from
  while (i < body.length && space.has(body[i]!)) i++
  return i
}

/** The byte after a string that begins at `from`; the end of the body where it does not end. */
export function skipString(body: Buffer, from: number): number {
  for (let i = from + 1; i < body.length; i++) {
    if (body[i] === backslash) i++
    else if (body[i] === quote) return i + 1
  }
  return body.length
}

/** Where the element ends that begins at `from`: at the comma or bracket of the array or object around it. */
export function skipElement(body: Buffer, from: number): number {
  let depth = 0
  for (let i = from; i < body.length; ) {
    const byte = body[i]
    if (byte === quote) {
      i = skipString(body, i)
      continue
    }
    if (byte === open || byte === openBrace) depth++
    else if (byte === close || byte === closeBrace) {
      if (depth === 0) return i
      depth--
    } else if (byte === comma && depth === 0) return i
    i++
  }
  return body.length
}

/**
 * Slices a JSON array into its elements, each without the space around it. Answers undefined where the frame is broken (no brackets, an empty
 * place between commas, something after the end); whether an element itself is JSON is not looked at. Stops after
 * `most` + 1 elements.
 */
export function arrayElements(body: Buffer, most: number): readonly Span[] | undefined {
  let i = skipSpace(body, 0)
  if (body[i] !== open) return undefined
  i = skipSpace(body, i + 1)
  const spans: Span[] = []
  if (body[i] === close) return skipSpace(body, i + 1) === body.length ? spans : undefined
  for (;;) {
    const start = i
    const stop = skipElement(body, start)
    if (stop >= body.length || body[stop] === closeBrace) return undefined
    let end = stop
    while (end > start && space.has(body[end - 1]!)) end--
    if (end === start) return undefined
    spans.push([start, end])
    if (spans.length > most) return spans
    if (body[stop] === close) return skipSpace(body, stop + 1) === body.length ? spans : undefined
    i = skipSpace(body, stop + 1)
  }
}
