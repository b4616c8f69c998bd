export interface BackOffLimits {
  readonly firstMs: number
  readonly mostMs: number
}

/** The pause after the nth failure in a row (from 0), milliseconds: doubling up to the most, and spread over its upper half. */
export function backOff(failures: number, { firstMs, mostMs }: BackOffLimits, random: () => number = Math.random) {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30))
  return whole / 2 + (whole / 2) * random()
}
