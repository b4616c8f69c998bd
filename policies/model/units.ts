/** Quantities with their units in the type. A bare number whose unit is in a comment cannot be written in a policy. */

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const byteUnits = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const

export type Duration = `${number}${keyof typeof durationUnits}`
/** Binary sizes, Kubernetes' notation. */
export type Bytes = `${number}${keyof typeof byteUnits}`
/** Cores or millicores, Kubernetes' notation. */
export type Cpu = `${number}m` | `${number}`
/** Something per second. */
export type Rate = `${number}/s`

export class UnitError extends Error {
  readonly code = 'BAD_UNIT'
}

/** A decimal number without sign or exponent, then a unit that `factors` knows. Throws UnitError, whose sentence ends with `hint`. */
function parse(text: string, factors: Readonly<Record<string, number>>, what: string, hint: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)(\D*)$/.exec(text)
  const unit = match?.[2] ?? ''
  if (!match || !Object.hasOwn(factors, unit)) throw new UnitError(`'${text}' is not a ${what}: write ${hint}.`)
  return Number(match[1]) * (factors[unit] as number)
}

const oneOf = (units: object): string => `a number and one of ${Object.keys(units).join(', ')}`

/** Milliseconds. Throws UnitError. */
export const milliseconds = (d: Duration): number => parse(d, durationUnits, 'duration', oneOf(durationUnits))
/** Seconds, not rounded. Throws UnitError. */
export const seconds = (d: Duration): number => milliseconds(d) / 1_000
/** Bytes. Throws UnitError. */
export const bytes = (b: Bytes): number => parse(b, byteUnits, 'size', oneOf(byteUnits))
/** Thousandths of a core. Throws UnitError. */
export const millicores = (c: Cpu): number =>
  parse(c, { '': 1_000, m: 1 }, 'CPU quantity', "cores ('2') or millicores ('250m')")
/** Events, requests or whatever the policy counts, per second. Throws UnitError. */
export const perSecond = (r: Rate): number => parse(r, { '/s': 1 }, 'rate', "a number per second, such as '1000/s'")
