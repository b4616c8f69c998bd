/** Events per second at a time of the run, as a factor of its rate. `seconds` from the run's start; pure. */
export type Shape = (seconds: number) => number

export const constant: Shape = () => 1

/** Every `everySeconds` the rate is `factor` for `forSeconds`, else 1. */
export function bursts(everySeconds: number, forSeconds: number, factor: number): Shape {
  if (!(everySeconds > 0) || !(forSeconds >= 0 && forSeconds <= everySeconds) || !(factor >= 0))
    throw new RangeError('Bursts need an interval, a length within it, and a factor of zero or more.')
  return (seconds) => (seconds % everySeconds < forSeconds ? factor : 1)
}

/** A day in `daySeconds`: a sine between `trough` and 1, lowest at the start. */
export function diurnal(daySeconds: number, trough: number): Shape {
  if (!(daySeconds > 0) || !(trough >= 0 && trough <= 1))
    throw new RangeError('A day needs a length, and a trough between 0 and 1.')
  return (seconds) => trough + ((1 - trough) * (1 - Math.cos((2 * Math.PI * seconds) / daySeconds))) / 2
}

/** A recorded trace, one value a step of `stepSeconds`, scaled so that its highest is 1. After its end it begins again. */
export function trace(values: readonly number[], stepSeconds: number): Shape {
  const peak = Math.max(...values)
  if (!(stepSeconds > 0) || !(peak > 0) || values.some((value) => !(value >= 0)))
    throw new RangeError('A trace needs a step, values of zero or more, and one of them more.')
  return (seconds) => values[Math.floor(seconds / stepSeconds) % values.length]! / peak
}

/** A trace's values: a header line, then lines whose last column is the load of that step. Throws RangeError with the line. */
export function readTrace(text: string): readonly number[] {
  const rows = text.trim().split(/\r?\n/).slice(1)
  return rows.map((row, index) => {
    const cell = row.split(',').at(-1)?.trim() ?? ''
    const value = Number(cell)
    if (cell === '' || !Number.isFinite(value) || value < 0)
      throw new RangeError(`Line ${index + 2} of the trace ends with '${cell}', which is no load.`)
    return value
  })
}
