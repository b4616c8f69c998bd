import { loadAll } from 'js-yaml'

type Event = Record<string, unknown>
type Random = () => number

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
const noise = (random: Random): string =>
  pick(random, ['', 'x', ' y', '"', '\\', 'C:\\Temp\\', 'a.b', '%', '_', "'", '-'])

/** A text that a pattern with wildcards may mean. */
const unfold = (random: Random, pattern: string): string =>
  pattern.replace(
    /\\([\\*?])|\*|\?/g,
    (all, escaped: string | undefined) => escaped ?? (all === '?' ? 'q' : noise(random)),
  )

/** A text that comes near a regular expression; whether it matches is the engines' matter. */
const near = (random: Random, regex: string): string =>
  regex
    .replace(/\(\?:?[imsx]*\)?|[()^$]|\\b/g, '')
    .replace(
      /\[([^\]\\])[^\]]*\]|\\[dws]/gi,
      (all, first: string | undefined) => first ?? (/d/i.test(all) ? '7' : /w/i.test(all) ? 'w' : ' '),
    )
    .replace(/\.[*+?]?/g, () => noise(random))
    .replace(/\{(\d+)[^}]*\}/g, '')
    .replace(/\|.*/, '')
    .replace(/\\(.)/g, '$1')

function textFor(random: Random, value: string | number, modifiers: readonly string[]): string | number {
  if (modifiers.includes('re')) return near(random, String(value))
  if (modifiers.includes('cidr')) return String(value).replace(/\/.*/, '').replace(/0$/, '7')
  if (['lt', 'lte', 'gt', 'gte'].some((name) => modifiers.includes(name)))
    return Number(value) + pick(random, [-1, 0, 1])
  if (typeof value === 'number' && modifiers.length === 0) return pick(random, [value, String(value)])
  let text = unfold(random, String(value))
  if (modifiers.includes('wide') || modifiers.includes('utf16le'))
    text = Buffer.from(text, 'utf16le').toString('latin1')
  if (modifiers.includes('windash')) text = text.replaceAll('-', pick(random, ['-', '/', '–', '—', '―']))
  if (modifiers.includes('base64offset') || modifiers.includes('base64'))
    text = Buffer.from(`${pick(random, ['', 'a', 'bc'])}${text}${pick(random, ['', 'z'])}`, 'latin1').toString('base64')
  if (modifiers.includes('contains')) return `${noise(random)}${text}${noise(random)}`
  if (modifiers.includes('startswith')) return `${text}${noise(random)}`
  if (modifiers.includes('endswith')) return `${noise(random)}${text}`
  return text
}

function put(random: Random, event: Event, key: string, given: unknown): void {
  const [field, ...modifiers] = key.split('|') as [string, ...string[]]
  if (field === '' || given === null || random() < 0.08) return
  if (modifiers.includes('fieldref')) {
    event[String(given)] ??= 'same'
    event[field] = pick(random, [event[String(given)], 'other'])
    return
  }
  if (modifiers.includes('exists')) {
    if (given === true || random() < 0.2) event[field] = 'there'
    return
  }
  const values = (Array.isArray(given) ? given : [given]).filter(
    (one) => typeof one === 'string' || typeof one === 'number',
  )
  if (values.length === 0) return
  const parts = modifiers.includes('all') ? values : [pick(random, values)]
  const texts = parts.map((value) => textFor(random, value as string | number, modifiers))
  let text = texts.length === 1 ? (texts[0] as string | number) : texts.join('')
  if (typeof text === 'string') {
    if (random() < 0.25) text = pick(random, [text.toUpperCase(), text.toLowerCase()])
    if (random() < 0.1) text = pick(random, [`${text}!`, `!${text}`, text.slice(1)])
  }
  event[field] = text
}

/** An event made after a rule: what its selections ask for, mostly, and now and then what its filters do; a little is changed by chance. */
export function crafted(random: Random, ruleText: string): Event {
  const event: Event = {}
  const [rule] = loadAll(ruleText) as unknown[]
  const detection = isMap(rule) && isMap(rule.detection) ? rule.detection : {}
  for (const [name, definition] of Object.entries(detection)) {
    if (name === 'condition' || (/^filter/.test(name) && random() < 0.75) || random() < 0.1) continue
    const maps = (Array.isArray(definition) ? [pick(random, definition)] : [definition]).filter(isMap)
    for (const map of maps) for (const [key, given] of Object.entries(map)) put(random, event, key, given)
  }
  return event
}
