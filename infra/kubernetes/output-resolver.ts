import { createHash } from 'node:crypto'
import { all, type Input, Output, type Unwrap, unsecret } from '@pulumi/pulumi'
import type { IResolver, ResolutionContext } from 'cdk8s'

const prefix = 'pulumi-output:'

/**
 * Lets Pulumi Outputs stand in a chart. While the chart becomes JSON each Output is replaced by a placeholder, and `restore` puts it
 * back where a resource is made. A placeholder is always a whole value: an Output inside a longer string cannot be told apart
 * from text, so `derive` makes the longer string first.
 */
export class OutputResolver implements IResolver {
  readonly #outputs: Output<unknown>[] = []

  resolve(context: ResolutionContext): void {
    const value: unknown = context.value
    if (Output.isInstance(value)) context.replaceValue(this.placeholder(value))
  }

  /** The placeholder of an Output; the same Output has one. */
  placeholder(output: Output<unknown>): string {
    const known = this.#outputs.indexOf(output)
    return `${prefix}${known === -1 ? this.#outputs.push(output) - 1 : known}`
  }

  /** The JSON with its Outputs back in their places. Throws RangeError for a placeholder that is not of this resolver. */
  restore(json: unknown): unknown {
    if (typeof json === 'string' && json.startsWith(prefix)) {
      const output = this.#outputs[Number(json.slice(prefix.length))]
      if (!output) throw new RangeError(`'${json}' is not a placeholder of this synthesis.`)
      return output
    }
    if (Array.isArray(json)) return json.map((item) => this.restore(item))
    if (json === null || typeof json !== 'object') return json
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, this.restore(value)]))
  }
}

/** Makes a text of inputs: at once when all of them are plain, else as an Output. */
export function derive<T extends Input<string>[]>(
  inputs: readonly [...T],
  make: (...values: { [K in keyof T]: Unwrap<T[K]> }) => string,
): Input<string> {
  const run = (values: unknown) => make(...(values as { [K in keyof T]: Unwrap<T[K]> }))
  return inputs.some((input) => Output.isInstance(input))
    ? all(inputs as unknown as Input<string>[]).apply(run)
    : run(inputs)
}

/** The same without what Pulumi knows later: for a name, which must be known now. */
export function withoutOutputs(value: unknown): unknown {
  if (Output.isInstance(value)) return null
  if (Array.isArray(value)) return value.map(withoutOutputs)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOutputs(inner)]))
}

/** For the types of cdk8s, which know no Outputs: the resolver finds it by what it is, not by its type. */
export const asText = (input: Input<string>): string => input as string

export const base64 = (input: Input<string>): Input<string> =>
  derive([input], (text) => Buffer.from(text).toString('base64'))

/** The `data` of a Secret with these texts by their names. */
export const secretData = (texts: Readonly<Record<string, Input<string>>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, asText(base64(text))]))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** SHA-256 of files by their names. Not secret even when the files are: they hold keys too long to be guessed. */
export function checksum(files: Readonly<Record<string, Input<string>>>): Input<string> {
  const names = Object.keys(files).sort()
  const hash = derive(
    names.map((name) => files[name] as Input<string>),
    (...contents) => sha256(JSON.stringify(names.map((name, i) => [name, contents[i]]))),
  )
  return typeof hash === 'string' ? hash : unsecret(hash as Output<string>)
}
