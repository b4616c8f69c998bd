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
/** A whole or fractional percentage. */
export type Percent = `${number}%`

export class UnitError extends Error {
  readonly code = 'BAD_UNIT'
}

function parse<U extends string>(text: string, units: Readonly<Record<U, number>>, what: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text)
  const factor = match && Object.hasOwn(units, match[2] as string) ? units[match[2] as U] : undefined
  if (!match || factor === undefined)
    throw new UnitError(`'${text}' is not a ${what}: write a number and one of ${Object.keys(units).join(', ')}.`)
  return Number(match[1]) * factor
}

/** Milliseconds. Throws UnitError. */
export const milliseconds = (d: Duration): number => parse(d, durationUnits, 'duration')
/** Seconds, not rounded. Throws UnitError. */
export const seconds = (d: Duration): number => milliseconds(d) / 1_000
/** Bytes. Throws UnitError. */
export const bytes = (b: Bytes): number => parse(b, byteUnits, 'size')

/** Thousandths of a core. Throws UnitError. */
export function millicores(c: Cpu): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(c)
  if (!match) throw new UnitError(`'${c}' is not a CPU quantity: write cores ('2') or millicores ('250m').`)
  return Number(match[1]) * (match[2] === 'm' ? 1 : 1_000)
}

/** Events, requests or whatever the policy counts, per second. Throws UnitError. */
export function perSecond(r: Rate): number {
  const match = /^(\d+(?:\.\d+)?)\/s$/.exec(r)
  if (!match) throw new UnitError(`'${r}' is not a rate: write a number per second, such as '1000/s'.`)
  return Number(match[1])
}

/** A share between 0 and 1 (or above, for over 100 %). Throws UnitError. */
export function fraction(p: Percent): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(p)
  if (!match) throw new UnitError(`'${p}' is not a percentage: write a number and '%'.`)
  return Number(match[1]) / 100
}
