/** Months and years are mean ones, as pySigma counts them. */
const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
}

/** Milliseconds of a Sigma timespan ("90m"); undefined where it is none. */
export function timespanOf(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^(\d{1,9})([smhdwMy])$/.exec(text) : null
  const span = match ? Number(match[1]) * (units[match[2] as string] as number) : 0
  return span > 0 ? span : undefined
}
