import { readFileSync } from 'node:fs'

/** Everything that is wrong with a process's configuration, at once. */
export class ConfigError extends Error {
  readonly code = 'BAD_CONFIG'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const none = new URL('none:')

/** Reads environment variables and remembers what is wrong with them. What it returns for a bad one is never used. */
export class EnvReader {
  readonly problems: string[] = []
  readonly #env: Readonly<Record<string, string | undefined>>

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  #raw(name: string, fallback: string | undefined): string | undefined {
    const value = this.#env[name]
    if (value !== undefined && value !== '') return value
    if (fallback === undefined) this.problems.push(`${name} is not set.`)
    return fallback
  }

  /** A non-empty text. */
  text(name: string, fallback?: string): string {
    return this.#raw(name, fallback) ?? ''
  }

  oneOf<const T extends string>(name: string, values: readonly T[], fallback?: NoInfer<T>): T {
    const value = this.#raw(name, fallback)
    if (value !== undefined && !values.includes(value as T))
      this.problems.push(`${name} is '${value}'; it must be one of ${values.join(', ')}.`)
    return value as T
  }

  /** A whole number within bounds, both included. */
  integer(name: string, bounds: { readonly min: number; readonly max: number; readonly fallback?: number }): number {
    const value = this.#raw(name, bounds.fallback?.toString())
    if (value === undefined) return Number.NaN
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= bounds.min && number <= bounds.max))
      this.problems.push(`${name} is '${value}'; it must be a whole number from ${bounds.min} to ${bounds.max}.`)
    return number
  }

  /** A TCP port; 0 lets the system choose. */
  port(name: string, fallback: number): number {
    return this.integer(name, { min: 0, max: 65_535, fallback })
  }

  /** A comma list of host:port. */
  addresses(name: string, fallback?: string): readonly string[] {
    const value = this.#raw(name, fallback)
    if (value === undefined) return []
    const parts = value.split(',').map((part) => part.trim())
    for (const part of parts)
      if (!/^[A-Za-z0-9_.-]+:\d{1,5}$/.test(part))
        this.problems.push(`${name} holds '${part}'; it must be a comma list of host:port.`)
    return parts
  }

  /** A URL with one of the given schemes, such as 'https:'. */
  url(name: string, schemes: readonly string[], fallback?: string): URL {
    const value = this.#raw(name, fallback)
    return value === undefined ? none : this.#url(name, schemes, value)
  }

  /** A comma list of URLs. */
  urls(name: string, schemes: readonly string[]): readonly URL[] {
    const value = this.#raw(name, undefined)
    return value === undefined ? [] : value.split(',').map((part) => this.#url(name, schemes, part.trim()))
  }

  #url(name: string, schemes: readonly string[], value: string): URL {
    const url = URL.parse(value)
    if (url === null || !schemes.includes(url.protocol)) {
      this.problems.push(`${name} must be a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`)
      return none
    }
    if (url.username !== '' || url.password !== '')
      this.problems.push(`${name} must not carry a user or password: secrets come from files.`)
    return url
  }

  /** The trimmed content of the file that the variable names. The content is never part of a message. */
  secretFile(name: string): string {
    const path = this.#raw(name, undefined)
    if (path === undefined) return ''
    try {
      const content = readFileSync(path, 'utf8').trim()
      if (content === '') this.problems.push(`${name} names ${path}, which is empty.`)
      return content
    } catch (error) {
      this.problems.push(`${name} names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`)
      return ''
    }
  }
}

/** Builds a configuration from the environment, once at boot. Throws one ConfigError that holds every problem. */
export function readConfig<T>(env: Readonly<Record<string, string | undefined>>, build: (reader: EnvReader) => T): T {
  const reader = new EnvReader(env)
  const config = build(reader)
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return config
}
