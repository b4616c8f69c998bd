import { integerOrText, numberOrText, type Schema } from './schema.ts'

/** Keywords that mean the same in both. */
const kept = ['required', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const

const reference = '#/definitions/'
const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A JSON schema as the API server takes it in a definition: no references, one type everywhere, and no unknown fields without a word. */
function structural(schema: Schema, definitions: Schema): Schema {
  if (typeof schema.$ref === 'string')
    return structural(definitions[schema.$ref.slice(reference.length)] as Schema, definitions)
  if (same(schema, integerOrText) || same(schema, numberOrText)) return { 'x-kubernetes-int-or-string': true }
  const inner = (part: unknown): Schema => structural(part as Schema, definitions)
  const result: Record<string, unknown> = { type: schema.type ?? (schema.enum ? 'string' : undefined) }
  // What is one of several things is not described at all: a definition has no word for it.
  if (typeof result.type !== 'string') return anything
  if (schema.enum) result.enum = schema.enum
  for (const keyword of kept) if (schema[keyword] !== undefined) result[keyword] = schema[keyword]
  if (result.type === 'array') result.items = inner(schema.items)
  if (result.type !== 'object') return result
  if (schema.properties)
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, inner(part)]))
  else if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = inner(schema.additionalProperties)
  else return { ...result, ...anything }
  return result
}

/** The custom resource definition that says what a schema of ours says, for a kind whose own definition cannot be had. */
export function definitionOf(schema: Schema, plural: string): Schema {
  const { apiVersion, kind: kinds, metadata: _, ...fields } = schema.properties as Record<string, Schema>
  const only = (part: Schema | undefined): string => String((part?.enum as readonly string[] | undefined)?.[0])
  const [[group, version], kind] = [only(apiVersion).split('/'), only(kinds)]
  const required = (schema.required as string[]).filter((name) => name in fields)
  const openAPIV3Schema = structural(
    { type: 'object', properties: fields, ...(required.length > 0 ? { required } : {}) },
    (schema.definitions ?? {}) as Schema,
  )
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  }
}
