import { all, type Input, type Output, type StackReference } from '@pulumi/pulumi'

/** What a stack tells other stacks: the name of each output and what it holds. */
const kinds = {
  text: (value: unknown): value is string => typeof value === 'string' && value !== '',
  count: (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  texts: (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string'),
} as const

type Kind = keyof typeof kinds
type Value<K extends Kind> = (typeof kinds)[K] extends (value: unknown) => value is infer T ? T : never

export type Schema = Readonly<Record<string, Kind>>
export type Outputs<S extends Schema> = { readonly [Name in keyof S]: Value<S[Name]> }

/** The outputs of a region's platform stack. */
export const platformOutputs = {
  environment: 'text',
  region: 'text',
  /** Namespaces that stand and can be deployed into. */
  namespaces: 'texts',
  /** How many objects the platform consists of. */
  objects: 'count',
} as const satisfies Schema

/** The outputs of a region's services stack. */
export const servicesOutputs = { region: 'text', objects: 'count' } as const satisfies Schema

export class StackOutputError extends Error {
  readonly code = 'BAD_STACK_OUTPUT'
}

const shown = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : Array.isArray(value)
      ? 'a list of something else'
      : `of type ${value === null ? 'null' : typeof value}`

/** Judges the outputs of a stack. Throws StackOutputError, which names the stack and every field that is wrong, but no value. */
export function checkOutputs<S extends Schema>(
  stack: string,
  schema: S,
  values: Readonly<Record<string, unknown>>,
): Outputs<S> {
  const wrong = Object.entries(schema)
    .filter(([name, kind]) => !kinds[kind](values[name]))
    .map(
      ([name, kind]) =>
        `'${name}' should be ${kind === 'texts' ? 'a list of texts' : `a ${kind}`} and is ${shown(values[name])}`,
    )
  if (wrong.length > 0)
    throw new StackOutputError(
      `The outputs of the stack '${stack}' are not what this program expects: ${wrong.join('; ')}. Bring '${stack}' up again first.`,
    )
  return Object.fromEntries(Object.keys(schema).map((name) => [name, values[name]])) as Outputs<S>
}

/** The outputs that a stack's program answers; checked as soon as their values are known. */
export function declareOutputs<S extends Schema>(
  stack: string,
  schema: S,
  values: { readonly [Name in keyof S]: Input<Value<S[Name]>> },
): Record<keyof S, Output<unknown>> {
  const checked = all(values as Record<string, Input<unknown>>).apply((known) =>
    checkOutputs<Schema>(stack, schema, known as Record<string, unknown>),
  )
  return Object.fromEntries(
    Object.keys(schema).map((name) => [name, checked.apply((outputs) => outputs[name])]),
  ) as Record<keyof S, Output<unknown>>
}

/** What another stack declared. Fails the update when that stack has not been brought up, or by a program with another schema. */
export const readOutputs = <S extends Schema>(
  reference: StackReference,
  stack: string,
  schema: S,
): Output<Outputs<S>> =>
  reference.outputs.apply((values) => checkOutputs(stack, schema, values as Record<string, unknown>))
