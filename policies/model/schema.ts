/** What holds between fields of an object, in CEL, and what the API server says when it does not. */
export interface Rule {
  readonly rule: string
  readonly message: string
}

/** A structural schema of OpenAPI v3, as a CustomResourceDefinition holds it. */
export type OpenApi =
  | {
      readonly type: 'string'
      readonly description?: string
      readonly enum?: readonly string[]
      readonly pattern?: string
      readonly maxLength?: number
      readonly default?: string
      readonly 'x-kubernetes-validations'?: readonly Rule[]
    }
  | {
      readonly type: 'integer' | 'number'
      readonly description?: string
      readonly format?: 'int32'
      readonly minimum?: number
      readonly maximum?: number
      readonly default?: number
    }
  | { readonly type: 'boolean'; readonly description?: string; readonly default?: boolean }
  | {
      readonly type: 'array'
      readonly description?: string
      readonly items: OpenApi
      readonly minItems?: number
      readonly maxItems?: number
      readonly default?: readonly unknown[]
      readonly 'x-kubernetes-list-type'?: 'atomic' | 'map'
      readonly 'x-kubernetes-list-map-keys'?: readonly string[]
      readonly 'x-kubernetes-validations'?: readonly Rule[]
    }
  | {
      readonly type: 'object'
      readonly description?: string
      readonly properties?: Readonly<Record<string, OpenApi>>
      readonly required?: readonly string[]
      readonly additionalProperties?: OpenApi
      readonly 'x-kubernetes-validations'?: readonly Rule[]
    }

/** A schema that knows the TypeScript type of its values: one text for both. */
export interface Schema<T> {
  readonly openApi: OpenApi
  readonly optional?: boolean
  /** Only a type: there is no value of it. */
  readonly of?: T
}

export type Infer<S> = S extends Schema<infer T> ? T : never

type Optional = Schema<unknown> & { readonly optional: true }
type Fields = Readonly<Record<string, Schema<unknown>>>
type Values<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Optional ? never : K]: Infer<F[K]>
} & { readonly [K in keyof F as F[K] extends Optional ? K : never]?: Infer<F[K]> }

/** Texts that are no identifiers: enough for a sentence, bounded so that the API server can bound the cost of a rule. */
const longest = 1024

/** What a text looks like, and the sentence that refuses another. */
export interface Shape {
  /** RE2, anchored. */
  readonly pattern: string
  readonly says: string
}

/** A text. Its shape is a rule beside the `pattern`, so that the API server refuses another with our sentence. */
export const text = (description: string, shape?: Shape, maxLength = longest): Schema<string> => ({
  openApi: {
    type: 'string',
    description,
    maxLength,
    ...(shape
      ? {
          pattern: shape.pattern,
          'x-kubernetes-validations': [{ rule: `self.matches(r'${shape.pattern}')`, message: shape.says }],
        }
      : {}),
  },
})

export const oneOf = <const T extends readonly string[]>(description: string, values: T): Schema<T[number]> => ({
  openApi: { type: 'string', description, enum: values },
})

export const flag = (description: string): Schema<boolean> => ({ openApi: { type: 'boolean', description } })

/** A count: a whole number within its bounds. */
export const count = (description: string, minimum: number, maximum?: number): Schema<number> => ({
  openApi: { type: 'integer', format: 'int32', description, minimum, ...(maximum === undefined ? {} : { maximum }) },
})

export const decimal = (description: string, minimum: number, maximum?: number): Schema<number> => ({
  openApi: { type: 'number', description, minimum, ...(maximum === undefined ? {} : { maximum }) },
})

interface ListOptions {
  /** Default: 0. */
  readonly minItems?: number
  /** Default: 32. Every list is bounded, so that the cost of a rule is. */
  readonly maxItems?: number
  /** The field by which an item is known: each writer then owns items, not the list. Default: none. */
  readonly key?: string
  readonly rules?: readonly Rule[]
}

export const list = <T>(description: string, items: Schema<T>, options: ListOptions = {}): Schema<readonly T[]> => {
  const { minItems, maxItems = 32, key, rules } = options
  return {
    openApi: {
      type: 'array',
      description,
      items: items.openApi,
      ...(minItems === undefined ? {} : { minItems }),
      maxItems,
      ...(key === undefined
        ? { 'x-kubernetes-list-type': 'atomic' as const }
        : { 'x-kubernetes-list-type': 'map' as const, 'x-kubernetes-list-map-keys': [key] }),
      ...(rules ? { 'x-kubernetes-validations': rules } : {}),
    },
  }
}

export const optional = <T>(schema: Schema<T>): Schema<T> & { readonly optional: true } => ({
  ...schema,
  optional: true,
})

/** An optional field that the API server fills in: absent only in what a writer says, never in what is read. */
export const byDefault = <T>(schema: Schema<T>, value: T): Schema<T> & { readonly optional: true } => ({
  openApi: { ...schema.openApi, default: value } as OpenApi,
  optional: true,
})

/** Fields by name; those that are not `optional` must be there, and no other is kept. All `rules` hold. */
export function object<F extends Fields>(
  description: string,
  fields: F,
  rules: readonly Rule[] = [],
): Schema<Values<F>> {
  const required = Object.keys(fields).filter((name) => !fields[name]?.optional)
  return {
    openApi: {
      type: 'object',
      description,
      properties: Object.fromEntries(Object.entries(fields).map(([name, { openApi }]) => [name, openApi])),
      ...(required.length > 0 ? { required } : {}),
      ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
    },
  }
}
