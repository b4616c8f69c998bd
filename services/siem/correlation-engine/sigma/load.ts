import { isMap, ruleDocuments, type YamlMap } from './collection.ts'
import { parseCondition } from './condition.ts'
import { parseDetection, ValueBudget } from './detection.ts'
import { type Expression, or } from './expression.ts'
import type { Placeholders } from './modifiers.ts'
import { type DetectionRule, type Level, type LogSource, levels, type RuleProblem } from './rule.ts'
import { yamlDocuments } from './yaml.ts'

/** A file of rules: its name, for messages, and its text. */
export interface RuleSource {
  readonly file: string
  readonly text: string
}

/** A document with `correlation`, for the correlator to read. */
export interface CorrelationDocument {
  readonly file: string
  readonly document: number
  readonly content: YamlMap
}

export interface LoadedRules {
  readonly rules: readonly DetectionRule[]
  readonly correlations: readonly CorrelationDocument[]
  readonly problems: readonly RuleProblem[]
}

export interface LoadOptions {
  /** Values for the placeholders of `expand`. Default: none, and a rule that needs one is a problem. */
  readonly placeholders?: Placeholders
}

/** The rules of the files. Never throws for what stands in a file: a document that is no rule is listed with its reason and the others go on. */
export function loadRules(sources: Iterable<RuleSource>, options: LoadOptions = {}): LoadedRules {
  const rules: DetectionRule[] = []
  const correlations: CorrelationDocument[] = []
  const problems: RuleProblem[] = []
  const seen = new Map<string, string>()
  for (const { file, text } of sources) {
    let documents: ReturnType<typeof ruleDocuments>
    try {
      documents = ruleDocuments(yamlDocuments(text, file))
    } catch (error) {
      problems.push({ file, document: 1, reason: reasonOf(error) })
      continue
    }
    for (const document of documents.odd) problems.push({ file, document, reason: 'The document is no map.' })
    for (const { document, content } of documents.rules) {
      if ('correlation' in content) {
        correlations.push({ file, document, content })
        continue
      }
      try {
        const rule = detectionRule(file, document, content, options.placeholders ?? new Map())
        const other = seen.get(rule.id)
        if (other !== undefined) throw new Error(`Its id stands in '${other}' already.`)
        seen.set(rule.id, `${file}#${document}`)
        rules.push(rule)
      } catch (error) {
        const { id, title } = content
        problems.push({
          file,
          document,
          ...(typeof id === 'string' ? { id } : {}),
          ...(typeof title === 'string' ? { title } : {}),
          reason: reasonOf(error),
        })
      }
    }
  }
  return { rules, correlations, problems }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function detectionRule(file: string, document: number, content: YamlMap, placeholders: Placeholders): DetectionRule {
  if ('filter' in content)
    throw new Error('Filter documents are not supported: put the exclusion into the rule, or disable the rule.')
  const title = text(content, 'title')
  if (title === undefined) throw new Error("A rule needs a 'title'.")
  if (!isMap(content.detection)) throw new Error("A rule needs a map 'detection'.")
  const level = text(content, 'level')?.toLowerCase()
  if (level !== undefined && !levels.includes(level as Level))
    throw new Error(`The level '${level}' is none of ${levels.join(', ')}.`)
  return {
    file,
    document,
    id: text(content, 'id') ?? `${file}#${document}`,
    title,
    ...optional(content, 'name', 'status', 'description', 'author', 'license'),
    ...(level === undefined ? {} : { level: level as Level }),
    references: textsOf(content, 'references'),
    tags: textsOf(content, 'tags'),
    falsepositives: textsOf(content, 'falsepositives'),
    fields: textsOf(content, 'fields'),
    logsource: logSource(content.logsource),
    condition: conditionOf(content.detection, placeholders),
  }
}

const text = (content: YamlMap, key: string): string | undefined => {
  const value = content[key]
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

const optional = <K extends string>(content: YamlMap, ...keys: readonly K[]): Partial<Record<K, string>> =>
  Object.fromEntries(keys.map((key) => [key, text(content, key)]).filter(([, value]) => value !== undefined))

function textsOf(content: YamlMap, key: string): string[] {
  const value = content[key]
  return (Array.isArray(value) ? value : [value]).filter((member) => typeof member === 'string')
}

function logSource(value: unknown): LogSource {
  if (!isMap(value)) throw new Error("A rule needs a map 'logsource'.")
  const source = optional(value, 'category', 'product', 'service')
  if (Object.keys(source).length === 0)
    throw new Error("The 'logsource' needs at least one of category, product and service.")
  return Object.fromEntries(Object.entries(source).map(([key, name]) => [key, name.toLowerCase()]))
}

function conditionOf(detection: YamlMap, placeholders: Placeholders): Expression {
  const { condition, timeframe, ...identifiers } = detection
  if (timeframe !== undefined) throw new Error("'timeframe' is of the old aggregations: write a Sigma correlation.")
  const budget = new ValueBudget()
  const detections = new Map<string, Expression>()
  for (const [name, definition] of Object.entries(identifiers)) {
    try {
      detections.set(name, parseDetection(definition, placeholders, budget))
    } catch (error) {
      throw new Error(`'${name}': ${reasonOf(error)}`, { cause: error })
    }
  }
  const conditions = Array.isArray(condition) ? condition : [condition]
  if (conditions.length === 0) throw new Error("The 'detection' needs a 'condition'.")
  return or(
    conditions.map((source) => {
      if (typeof source !== 'string') throw new Error("The 'detection' needs a 'condition' that is text.")
      return parseCondition(source, detections)
    }),
  )
}
