import { integerOrText, kindSchema, numberOrText, pathOf, type Schema, type Schemas } from './schema.ts'

/** What we read of Kubernetes' OpenAPI (version 2). */
export interface OpenApi {
  readonly definitions: Readonly<Record<string, Schema>>
}

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

const reference = '#/definitions/'

/** Names of all definitions that a part leads to. */
function reached(part: unknown, { definitions }: OpenApi, found: Set<string> = new Set()): Set<string> {
  if (part === null || typeof part !== 'object') return found
  for (const [key, value] of Object.entries(part)) {
    if (key !== '$ref' || typeof value !== 'string') {
      reached(value, { definitions }, found)
      continue
    }
    const name = value.slice(reference.length)
    if (found.has(name)) continue
    found.add(name)
    reached(definitions[name], { definitions }, found)
  }
  return found
}

/** A definition as the API server reads it: fields that it does not know are refused, and two types are looser than they are written. */
function strict(name: string, definition: Schema): Schema {
  if (name.endsWith('.IntOrString')) return integerOrText
  if (name.endsWith('.Quantity')) return numberOrText
  const { format, ...rest } = definition
  return rest.properties && !rest.additionalProperties ? { ...rest, additionalProperties: false } : rest
}

/** A definition with all that it leads to, to stand in a schema of its own. Throws RangeError for one that is not there. */
export function standalone(name: string, api: OpenApi): { readonly schema: Schema; readonly definitions: Schema } {
  const definition = api.definitions[name]
  if (!definition) throw new RangeError(`The OpenAPI document has no definition '${name}'.`)
  const names = [...reached(definition, api)]
  return {
    schema: strict(name, definition),
    definitions: Object.fromEntries(names.map((other) => [other, strict(other, api.definitions[other] ?? {})])),
  }
}

/** A schema for every kind of object that has metadata of its own. */
export function kubernetesSchemas(api: OpenApi): Schemas {
  const schemas = new Map<string, Schema>()
  for (const [name, definition] of Object.entries(api.definitions)) {
    const metadata = (definition.properties as Schema | undefined)?.metadata as Schema | undefined
    if (!String(metadata?.$ref).endsWith('.ObjectMeta')) continue
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[]
    for (const { group, version, kind } of kinds) {
      const { schema, definitions } = standalone(name, api)
      schemas.set(pathOf(group, version, kind), { ...kindSchema(group, version, kind, schema), definitions })
    }
  }
  return schemas
}
