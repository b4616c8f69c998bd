/** How much is told: everything, short lists, names, numbers. The summary and the violations stand at every level. */
export const levels = [
  { properties: Number.POSITIVE_INFINITY, resources: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY },
  { properties: 8, resources: 200, rows: 200 },
  { properties: 4, resources: 60, rows: 60 },
  { properties: 1, resources: 25, rows: 30 },
  { properties: 0, resources: 8, rows: 12 },
  { properties: 0, resources: 0, rows: 5 },
] as const

export interface Level {
  readonly properties: number
  readonly resources: number
  readonly rows: number
}

/** A text in code, whatever it holds. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 || text === '' ? ' ' : ''
  return `${fence}${pad}${text}${pad}${fence}`
}

/** A text among others: nothing in it is Markdown, a mention or a tag. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll(/\s*\n\s*/g, ' ')

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export const table = (head: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []) =>
  [
    `| ${head.join(' | ')} |`,
    `| ${head.map((_, i) => (numbers.includes(i) ? '---:' : '---')).join(' | ')} |`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n')

export const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`

/** The first `most`, and how many are left out. */
export function most<T>(list: readonly T[], many: number, what: string, line: (one: T) => string): string[] {
  const left = list.length - Math.min(many, list.length)
  return [
    ...list.slice(0, list.length - left).map(line),
    ...(left > 0 ? [`… and ${left} more ${what} in the HTML report.`] : []),
  ]
}
