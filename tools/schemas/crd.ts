import { type OpenApi, standalone } from './openapi.ts'
import { integerOrText, kindSchema, pathOf, type Schema, type Schemas } from './schema.ts'

/** What we read of a custom resource definition. */
export interface Definition {
  readonly kind: 'CustomResourceDefinition'
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly schema?: { readonly openAPIV3Schema?: Schema }
    }[]
  }
}

export const isDefinition = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'CustomResourceDefinition'

/** What holds in every object, whatever its definition says of it. */
export const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const each = (of: unknown, make: (schema: Schema) => Schema): Schema =>
  Object.fromEntries(Object.entries((of ?? {}) as Schema).map(([key, value]) => [key, make(value as Schema)]))

/** Keywords that say what a value is; the rest is for people, for the API server's own rules (CEL), or read here. */
const kept = [
  ...[
    'enum',
    'type',
    'required',
    'pattern',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
] as const

/** In these a schema only adds conditions: what is not mentioned is none of their business. */
const junctors = ['allOf', 'anyOf', 'oneOf'] as const

/**
 * A structural schema of Kubernetes as a JSON schema that refuses what the API server would drop: a field that is not described, unless the
 * schema keeps unknown ones. Rules in CEL are not judged.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structural(schema: Schema, condition = false): Schema {
  if (schema['x-kubernetes-int-or-string']) return integerOrText
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  const inner = (part: Schema): Schema => structural(part, condition)
  const result: Record<string, unknown> = {}
  for (const keyword of kept) if (schema[keyword] !== undefined) result[keyword] = schema[keyword]
  if (schema.nullable === true && typeof schema.type === 'string') result.type = [schema.type, 'null']
  if (schema.properties) result.properties = each(schema.properties, inner)
  if (isObject(schema.items)) result.items = inner(schema.items)
  if (isObject(schema.additionalProperties)) result.additionalProperties = inner(schema.additionalProperties)
  else if (schema.type === 'object' && !open && schema.additionalProperties !== true && !condition)
    result.additionalProperties = false
  for (const junctor of junctors)
    if (Array.isArray(schema[junctor]))
      result[junctor] = (schema[junctor] as Schema[]).map((part) => structural(part, true))
  if (isObject(schema.not)) result.not = structural(schema.not, true)
  if (schema['x-kubernetes-embedded-resource'])
    result.properties = { ...(result.properties as Schema), apiVersion: {}, kind: {}, metadata: {} }
  return result
}

/** A schema for every version of the kind that is served. `api` says what metadata is. */
export function crdSchemas({ spec }: Definition, api: OpenApi): Schemas {
  const { schema: metadata, definitions } = standalone(objectMeta, api)
  return new Map(
    spec.versions
      .filter(({ served }) => served)
      .map(({ name, schema }): [string, Schema] => {
        const object = structural(
          schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        )
        const properties = { ...(object.properties as Schema | undefined), metadata }
        const { group, names } = spec
        return [
          pathOf(group, name, names.kind),
          { ...kindSchema(group, name, names.kind, { ...object, properties }), definitions },
        ]
      }),
  )
}
