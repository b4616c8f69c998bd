import { UsageError } from './context.ts'

export interface NumberRange {
  /** Both included. */
  readonly least: number
  /** Default: none. */
  readonly most?: number
  /** Whether it must be a whole number. Default: false. */
  readonly whole?: boolean
}

/** The number that an option of a command line holds. Throws UsageError where it holds none of the range. */
export function numberOption(name: string, text: string, { least, most, whole = false }: NumberRange): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= least && value <= (most ?? Number.MAX_VALUE) && (!whole || Number.isInteger(value))) return value
  const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`
  throw new UsageError(`--${name} ('${text}') must be a ${whole ? 'whole number' : 'number'} ${range}.`)
}
