import { ProposeError } from './error.ts'

const around = 3

/** The text of policies/scaling.ts with another threshold of a row's metric. Throws ProposeError when the row or its metric is not there. */
export function withThreshold(text: string, row: string, metric: string, threshold: number): string {
  const begin = new RegExp(`^  ${row}: \\{$`, 'm').exec(text)
  const end = begin ? text.indexOf('\n  },', begin.index) : -1
  const body = begin && end > 0 ? text.slice(begin.index, end) : undefined
  const changed = body?.replace(
    new RegExp(`(\\{ name: '${metric}', threshold: )[\\d._]+`),
    (_, before: string) => `${before}${threshold}`,
  )
  if (
    begin === null ||
    body === undefined ||
    changed === undefined ||
    (changed === body && !body.includes(`threshold: ${threshold},`))
  )
    throw new ProposeError(
      'NO_POLICY',
      `policies/scaling.ts has no '${metric}' in a row '${row}' as it is usually written.`,
    )
  return text.slice(0, begin.index) + changed + text.slice(end)
}

/** Two texts with as many lines, as a unified diff that 'git apply' takes; empty when they are equal. */
export function unified(path: string, before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const differ = old.flatMap((line, i) => (line === fresh[i] ? [] : [i]))
  const [first, last] = [differ[0], differ.at(-1)]
  if (first === undefined || last === undefined) return ''
  const [from, to] = [Math.max(0, first - around), Math.min(old.length - 1, last + around)]
  const count = to - from + 1
  const lines = Array.from({ length: count }, (_, k) => from + k).flatMap((i) =>
    old[i] === fresh[i] ? [` ${old[i]}`] : [`-${old[i]}`, `+${fresh[i]}`],
  )
  return [`--- a/${path}`, `+++ b/${path}`, `@@ -${from + 1},${count} +${from + 1},${count} @@`, ...lines, ''].join(
    '\n',
  )
}
