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
    }
  | {
      readonly type: 'integer' | 'number'
      readonly description?: string
      readonly format?: 'int32'
      readonly minimum?: number
      readonly maximum?: number
    }
  | { readonly type: 'boolean'; readonly description?: string }
  | { readonly type: 'array'; readonly description?: string; readonly items: OpenApi; readonly minItems?: number }
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

export const text = (description: string, pattern?: string): Schema<string> => ({
  openApi: { type: 'string', description, ...(pattern ? { pattern } : {}) },
})

export const oneOf = <const T extends readonly string[]>(description: string, values: T): Schema<T[number]> => ({
  openApi: { type: 'string', description, enum: values },
})

/** A count: a whole number within its bounds. */
export const count = (description: string, minimum: number, maximum?: number): Schema<number> => ({
  openApi: { type: 'integer', format: 'int32', description, minimum, ...(maximum === undefined ? {} : { maximum }) },
})

export const decimal = (description: string, minimum: number): Schema<number> => ({
  openApi: { type: 'number', description, minimum },
})

export const list = <T>(description: string, items: Schema<T>, minItems?: number): Schema<readonly T[]> => ({
  openApi: { type: 'array', description, items: items.openApi, ...(minItems === undefined ? {} : { minItems }) },
})

export const optional = <T>(schema: Schema<T>): Schema<T> & { readonly optional: true } => ({
  ...schema,
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
