/** A map of YAML. */
export type YamlMap = Readonly<Record<string, unknown>>

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A document of a file, its number in the file counted from 1. */
export interface RuleDocument {
  readonly document: number
  readonly content: YamlMap
}

/**
 * The rules of a file with its collection actions applied: `action: global` is put under every document that follows it, `reset` forgets it, and
 * `repeat` is the document before with this one put over it.
 */
export function ruleDocuments(documents: readonly unknown[]): {
  readonly rules: RuleDocument[]
  readonly odd: number[]
} {
  const rules: RuleDocument[] = []
  const odd: number[] = []
  let global: YamlMap = {}
  let previous: YamlMap = {}
  documents.forEach((content, index) => {
    const document = index + 1
    if (!isMap(content)) {
      odd.push(document)
      return
    }
    const { action, ...rest } = content
    if (action === 'global') global = merge(global, rest)
    else if (action === 'reset') global = {}
    else {
      const whole = action === 'repeat' ? merge(previous, rest) : merge(global, rest)
      previous = whole
      rules.push({ document, content: whole })
    }
  })
  return { rules, odd }
}

/** `over` put over `under`, maps merged at every level. */
function merge(under: YamlMap, over: YamlMap): YamlMap {
  const merged = new Map(Object.entries(under))
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key)
    merged.set(key, isMap(below) && isMap(value) ? merge(below, value) : value)
  }
  return Object.fromEntries(merged)
}
