import { readFileSync } from 'node:fs'

/**
 * A program's entry file composes the product out of its parts: it is observed by what it hands to them. Every import of the file
 * that is not a policy becomes a recorder, which takes any call and any property and remembers the arguments.
 */

/** What a program did, by the tag of its policies. */
const transcripts = new Map<string, string[]>()
const key = Symbol.for('neurodefender.recorder')

/** The environment that a recorded program is told to be in. */
let environment = 'local'

/** The values that a file imports from `specifier`. */
function importedNames(file: URL, specifier: string): readonly string[] {
  const text = readFileSync(file, 'utf8')
  const imports = text.matchAll(/^import\s+(?:(\w+)\s*,?\s*)?(?:\{([^}]*)\}\s*)?from\s*['"]([^'"]+)['"]/gm)
  return [...imports]
    .filter(([, , , from]) => from === specifier)
    .flatMap(([, whole, named]) => [
      ...(whole && whole !== 'type' ? ['default'] : []),
      ...(whole === 'type' ? '' : (named ?? ''))
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name) => name.split(/\s+as\s+/)[0] as string),
    ])
}

/** The module that stands for `specifier` as imported by `parent`. */
export function recorderUrl(specifier: string, parent: string, tag: string): string {
  const names = new Set(importedNames(new URL(parent.split('?')[0] as string), specifier))
  return `recorder:${specifier}?${new URLSearchParams({ policies: tag, names: [...names].join(',') })}`
}

/** Text of that module. */
export function recorderSource(url: URL): string {
  const tag = url.searchParams.get('policies') ?? ''
  const names = (url.searchParams.get('names') ?? '').split(',').filter(Boolean)
  const make = (name: string) => `globalThis[Symbol.for('neurodefender.recorder')]('${tag}', '${name}')`
  return names
    .map((name) => (name === 'default' ? `export default ${make(name)}\n` : `export const ${name} = ${make(name)}\n`))
    .join('')
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'function') return isRecorder(inner) ? String(inner) : 'function'
    // A module's own address tells which policies it was loaded under, not what it does with them.
    if (typeof inner === 'string') return inner.replace(/\?policies=\d+(&alone=1)?/, '')
    if (typeof inner === 'bigint' || inner instanceof RegExp || inner instanceof Error) return String(inner)
    return inner instanceof Map ? [...inner] : inner
  }) ?? 'undefined'

const recorders = new WeakSet<object>()
const isRecorder = (value: object): boolean => recorders.has(value)

function recorder(tag: string, name: string): unknown {
  const note = (what: string, args: unknown[]): void => {
    const lines = transcripts.get(tag) ?? []
    transcripts.set(tag, [...lines, `${what}(${args.map(plain).join(', ')})`])
  }
  const result = (what: string, args: unknown[]): unknown => {
    note(what, args)
    const inner = recorder(tag, `${name}()`)
    // Configuration is built by one function and used by the other: both run, the first one first.
    const steps = args.filter((arg) => typeof arg === 'function' && !isRecorder(arg)) as ((
      ...with_: unknown[]
    ) => unknown)[]
    return name === 'boot' || name === 'readConfig'
      ? steps.reduce<unknown>(
          (before, step) => (before instanceof Promise ? before.then(() => step(inner)) : step(inner)),
          inner,
        )
      : inner
  }
  const proxy: unknown = new Proxy(function recorded() {}, {
    get: (_, property) => {
      if (property === Symbol.toPrimitive || property === 'toString') return () => `<${name}>`
      if (property === Symbol.iterator) return undefined
      if (property === 'then' || property === 'toJSON') return undefined
      if (property === 'environment') return environment
      return typeof property === 'symbol' ? undefined : recorder(tag, `${name}.${property}`)
    },
    // A configuration is spread into a larger one: what a program is told of its environment must come along.
    ownKeys: (target) => [...Reflect.ownKeys(target), ...(name === 'processConfig()' ? ['environment'] : [])],
    getOwnPropertyDescriptor: (target, property) =>
      property === 'environment'
        ? { value: environment, enumerable: true, configurable: true }
        : Reflect.getOwnPropertyDescriptor(target, property),
    apply: (_, __, args) => result(name, args),
    construct: (_, args) => result(`new ${name}`, args) as object,
  })
  recorders.add(proxy as object)
  return proxy
}

Object.assign(globalThis, { [key]: recorder })

/** Runs an entry file alone and answers what it handed to its parts. Rejects when the program fails. */
export async function transcript(
  loader: { readonly tag: string; loadAlone(path: string): Promise<void> },
  path: string,
  inEnvironment: string,
): Promise<readonly string[]> {
  environment = inEnvironment
  const before = process.exitCode
  let failed = false
  try {
    await loader.loadAlone(path)
  } finally {
    failed = process.exitCode !== before
    process.exitCode = before
  }
  if (failed) throw new Error(`${path} set an exit code: ${transcripts.get(loader.tag)?.at(-1)}`)
  return transcripts.get(loader.tag) ?? []
}
