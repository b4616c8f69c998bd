import { type Duration, milliseconds } from '../../../policies/model/units.ts'

/** Where the runtime finds the list that the operator mounts. */
export const modelListFile = '/etc/neurodefender/models/models.json'

/** Where a model's bytes come from. */
const modelSchemes = ['file:', 'http:', 'https:', 's3:'] as const

/** How requests for one model share an execution. What is left out is the runtime's own. */
export interface Batching {
  /** The most rows of one execution; 1 turns batching off. */
  readonly maxBatch?: number
  /** How long the first request of a batch may wait for others while the model works on something else, milliseconds. */
  readonly maxDelayMs?: number
  /** The most rows that wait; a request beyond them is refused. */
  readonly maxQueue?: number
}

/** One version of one model. */
export interface ModelEntry {
  readonly name: string
  readonly version: string
  /** `file:///models/a.onnx`, `https://…`, `s3://bucket/key`. */
  readonly uri: URL
  /** Of the ONNX file, 64 hexadecimal digits in lower case. */
  readonly sha256: string
  readonly batching: Batching
}

/** A model list that cannot be used: every problem at once. */
export class ModelListError extends Error {
  readonly code = 'BAD_MODEL_LIST'
  readonly problems: readonly string[]
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`The model list cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`, options)
    this.name = 'ModelListError'
    this.problems = problems
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Both stand in paths and in labels of metrics. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const nameRule = "must be 1 to 63 of A-Z, a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit."
/** The most entries of a list: each holds memory, and the labels of metrics grow with them. */
const maxModels = 100
const maxBatchEver = 65_536
const maxQueueEver = 1_048_576
const maxDelayEver = 1_000

const entryKeys = ['name', 'version', 'uri', 'sha256', 'batching']
const batchingKeys = ['maxBatch', 'maxDelay', 'maxQueue']

function unknownKeys(value: Record<string, unknown>, known: readonly string[], at: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}.${key.slice(0, 40)} is nothing that a model list knows: ${known.join(', ')}.`)
}

function parseUri(value: unknown, at: string, problems: string[]): URL {
  const uri = typeof value === 'string' ? URL.parse(value) : null
  const none = new URL('file:///')
  if (!uri || !(modelSchemes as readonly string[]).includes(uri.protocol)) {
    problems.push(`${at}.uri must be a URL that begins with ${modelSchemes.map((s) => `${s}//`).join(', ')}.`)
    return none
  }
  if (uri.username !== '' || uri.password !== '')
    problems.push(`${at}.uri must not carry a user or password: the list is no secret.`)
  if (uri.protocol === 'file:' ? uri.host !== '' : uri.host === '')
    problems.push(`${at}.uri must name ${uri.protocol === 'file:' ? 'no host: file:///path' : 'a host or bucket'}.`)
  if (uri.pathname.length < 2) problems.push(`${at}.uri must name a file.`)
  return uri
}

function parseCount(value: unknown, most: number, at: string, problems: string[]): number | undefined {
  if (value === undefined) return undefined
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number
  problems.push(`${at} must be a whole number from 1 to ${most}.`)
  return undefined
}

function parseDelay(value: unknown, at: string, problems: string[]): number | undefined {
  if (value === undefined) return undefined
  try {
    const ms = milliseconds(value as Duration)
    if (ms <= maxDelayEver) return ms
    problems.push(`${at} (${value}) must be at most ${maxDelayEver}ms.`)
  } catch {
    problems.push(`${at} must be a duration such as '2ms'.`)
  }
  return undefined
}

function parseBatching(value: unknown, at: string, problems: string[]): Batching {
  if (value === undefined) return {}
  if (!isObject(value)) {
    problems.push(`${at} must be {"maxBatch"?, "maxDelay"?, "maxQueue"?}.`)
    return {}
  }
  problems.push(...unknownKeys(value, batchingKeys, at))
  const maxBatch = parseCount(value.maxBatch, maxBatchEver, `${at}.maxBatch`, problems)
  const maxDelayMs = parseDelay(value.maxDelay, `${at}.maxDelay`, problems)
  const maxQueue = parseCount(value.maxQueue, maxQueueEver, `${at}.maxQueue`, problems)
  return {
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
    ...(maxQueue === undefined ? {} : { maxQueue }),
  }
}

/**
 * Reads a model list:
 * `{"models": [{"name", "version", "uri", "sha256", "batching"?: {"maxBatch"?, "maxDelay"?: "2ms", "maxQueue"?}}]}`.
 * A name may stand there with several versions. Throws ModelListError with every problem.
 */
export function parseModelList(text: string): readonly ModelEntry[] {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    throw new ModelListError(['It is not JSON.'])
  }
  if (!isObject(root) || !Array.isArray(root.models)) throw new ModelListError(['It must be {"models": [...]}.'])
  const problems = unknownKeys(root, ['models'], 'list')
  if (root.models.length === 0 || root.models.length > maxModels)
    problems.push(`models has ${root.models.length} entries; it must have 1 to ${maxModels}.`)
  const seen = new Set<string>()
  const entries = root.models.slice(0, maxModels).map((value: unknown, index): ModelEntry => {
    const at = `models[${index}]`
    const entry = isObject(value) ? value : {}
    problems.push(...unknownKeys(entry, entryKeys, at))
    const [name, version, sha256] = [entry.name, entry.version, entry.sha256].map((v) =>
      typeof v === 'string' ? v : '',
    ) as [string, string, string]
    if (!namePattern.test(name)) problems.push(`${at}.name ${nameRule}`)
    if (!namePattern.test(version)) problems.push(`${at}.version ${nameRule}`)
    if (!/^[0-9a-f]{64}$/.test(sha256)) problems.push(`${at}.sha256 must be 64 hexadecimal digits in lower case.`)
    const key = `${name}/${version}`
    if (seen.has(key)) problems.push(`${at} is ${key} a second time: a version is one file.`)
    seen.add(key)
    const uri = parseUri(entry.uri, at, problems)
    return { name, version, uri, sha256, batching: parseBatching(entry.batching, `${at}.batching`, problems) }
  })
  if (problems.length > 0) throw new ModelListError(problems)
  return entries
}

/** The text that `parseModelList` reads back as the same entries; equal entries give equal text. */
export function writeModelList(entries: readonly ModelEntry[]): string {
  const models = entries.map(({ name, version, uri, sha256, batching: { maxBatch, maxDelayMs, maxQueue } }) => {
    const batching = { maxBatch, ...(maxDelayMs === undefined ? {} : { maxDelay: `${maxDelayMs}ms` }), maxQueue }
    const some = Object.values(batching).some((value) => value !== undefined)
    return { name, version, uri: uri.href, sha256, ...(some ? { batching } : {}) }
  })
  return `${JSON.stringify({ models }, null, 2)}\n`
}

/** Which of two versions is newer, as `sort` takes it: numbers by their value, everything else by its letters. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.match(/\d+|\D+/g) ?? []
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i]!, y[i]!]
    const numbers = /^\d/.test(p) && /^\d/.test(q)
    const order = numbers ? Number(BigInt(p) - BigInt(q) > 0n) - Number(BigInt(p) - BigInt(q) < 0n) : 0
    if (order !== 0) return order
    if (!numbers && p !== q) return p < q ? -1 : 1
  }
  return x.length - y.length || (a < b ? -1 : Number(a > b))
}
