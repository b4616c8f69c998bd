/** A JSON schema, or a part of one. */
export type Schema = { readonly [keyword: string]: unknown }

/** Schemas by where they lie: '<group>/<kind>_<version>.json', in lower case; the group of what has none is its version. */
export type Schemas = ReadonlyMap<string, Schema>

/** The same as kubeconform's -schema-location. */
export const location = (folder: string): string =>
  `${folder}/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`

export const pathOf = (group: string, version: string, kind: string): string =>
  `${group || version}/${kind.toLowerCase()}_${version}.json`

const draft = 'http://json-schema.org/draft-07/schema#'

/** An object of exactly this kind: what it is and what it is called are not left open. */
export const kindSchema = (group: string, version: string, kind: string, object: Schema): Schema => ({
  ...object,
  $schema: draft,
  required: [...new Set([...((object.required as string[] | undefined) ?? []), 'apiVersion', 'kind', 'metadata'])],
  properties: {
    ...(object.properties as Schema | undefined),
    apiVersion: { enum: [group ? `${group}/${version}` : version] },
    kind: { enum: [kind] },
  },
})

/** A quantity or a port: a number, or text. */
export const numberOrText: Schema = { anyOf: [{ type: 'string' }, { type: 'number' }] }
export const integerOrText: Schema = { anyOf: [{ type: 'string' }, { type: 'integer' }] }
