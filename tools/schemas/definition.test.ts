import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitionOf } from './definition.ts'
import type { OpenApi } from './openapi.ts'
import { ownSchemas } from './own.ts'
import { integerOrText, kindSchema, numberOrText, type Schema } from './schema.ts'

const schemaOf = (spec: Schema, definitions: Schema = {}): unknown => {
  const properties = { metadata: { type: 'object' }, spec }
  const schema = { ...kindSchema('a.example', 'v1', 'Trial', { type: 'object', properties }), definitions }
  // biome-ignore lint/suspicious/noExplicitAny: reads JSON
  return (definitionOf(schema, 'trials') as any).spec.versions[0].schema.openAPIV3Schema.properties.spec
}
const anything = { 'x-kubernetes-preserve-unknown-fields': true }

test('what a schema says of a field, its definition says too', () => {
  assert.deepEqual(
    schemaOf({
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 15 },
        mode: { enum: ['yes', 'no'] },
        ports: { type: 'array', items: { type: 'integer', minimum: 1 } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    }),
    {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 15 },
        mode: { type: 'string', enum: ['yes', 'no'] },
        ports: { type: 'array', items: { type: 'integer', minimum: 1 } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  )
})

test('a reference is what it leads to, with nothing that only Kubernetes’ own kinds may say', () => {
  const pod = {
    type: 'object',
    description: 'for people',
    properties: {
      hosts: { type: 'array', items: { $ref: '#/definitions/b' }, 'x-kubernetes-list-type': 'map' },
      port: integerOrText,
      memory: numberOrText,
    },
  }
  assert.deepEqual(schemaOf({ $ref: '#/definitions/a' }, { a: pod, b: { type: 'string' } }), {
    type: 'object',
    properties: {
      hosts: { type: 'array', items: { type: 'string' } },
      port: { 'x-kubernetes-int-or-string': true },
      memory: { 'x-kubernetes-int-or-string': true },
    },
  })
})

test('what a schema leaves open stays open', () => {
  assert.deepEqual(schemaOf({ type: 'object' }), { type: 'object', ...anything })
  assert.deepEqual(schemaOf({ anyOf: [{ type: ['string', 'number'] }, { type: 'object' }] }), anything)
})

test('ClickHouse’s definition is of its kind and asks for a spec', () => {
  const name = (last: string) => `io.k8s.${last}`
  const empty = { type: 'object', properties: {} }
  const api: OpenApi = {
    definitions: Object.fromEntries(
      ['apimachinery.pkg.apis.meta.v1.ObjectMeta', 'api.core.v1.PersistentVolumeClaimSpec', 'api.core.v1.PodSpec'].map(
        (last): [string, Schema] => [name(last), empty],
      ),
    ),
  }
  const template = { type: 'object', properties: { spec: { $ref: `#/definitions/${name('api.core.v1.PodSpec')}` } } }
  const [schema] = ownSchemas({
    definitions: { ...api.definitions, [name('api.core.v1.PodTemplateSpec')]: template },
  }).values()
  // biome-ignore lint/suspicious/noExplicitAny: reads JSON
  const { metadata, spec } = definitionOf(schema!, 'clickhouseinstallations') as any
  assert.equal(metadata.name, 'clickhouseinstallations.clickhouse.altinity.com')
  assert.equal(spec.names.kind, 'ClickHouseInstallation')
  assert.deepEqual(spec.versions[0].schema.openAPIV3Schema.required, ['spec'])
})
