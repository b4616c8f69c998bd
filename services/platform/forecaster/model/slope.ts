import type { Series } from './series.ts'

/** The straight line through the last steps of a series. */
export interface Slope {
  /** Change a step. */
  readonly rise: number
  /** The line's value at the last step. */
  readonly end: number
}

/** Least squares through the `length` steps that end with `step`; undefined where one of them is not known. */
export function slopeOf(series: Series, step: number, length: number): Slope | undefined {
  let [sum, moment] = [0, 0]
  const middle = (length - 1) / 2
  for (let i = 0; i < length; i++) {
    const value = series.at(step - length + 1 + i)
    if (Number.isNaN(value)) return undefined
    sum += value
    moment += (i - middle) * value
  }
  const rise = moment / moments(length)
  return { rise, end: sum / length + rise * middle }
}

/** The sum of squared distances of so many steps from their middle: the variance of a slope is the noise's divided by it. */
export const moments = (length: number): number => (length * (length * length - 1)) / 12
