import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crdSchemas, type Definition, objectMeta, structural } from './crd.ts'
import { modules } from './modules.ts'
import { kubernetesSchemas, type OpenApi, standalone } from './openapi.ts'

const api: OpenApi = {
  definitions: {
    [objectMeta]: {
      type: 'object',
      properties: { name: { type: 'string' }, owner: { $ref: '#/definitions/a.Owner' } },
    },
    'a.Owner': { type: 'object', properties: { port: { $ref: '#/definitions/util.IntOrString' } } },
    'util.IntOrString': { type: 'string', format: 'int-or-string' },
    'a.Thing': {
      type: 'object',
      required: ['spec'],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: `#/definitions/${objectMeta}` },
        spec: { type: 'object', additionalProperties: { type: 'string' } },
      },
      'x-kubernetes-group-version-kind': [{ group: 'a.example', version: 'v1', kind: 'Thing' }],
    },
    'a.ThingList': {
      type: 'object',
      properties: { metadata: { $ref: '#/definitions/meta.ListMeta' } },
      'x-kubernetes-group-version-kind': [{ group: 'a.example', version: 'v1', kind: 'ThingList' }],
    },
  },
}

test('a kind has a schema with all that it leads to, and closed objects', () => {
  const schemas = kubernetesSchemas(api)
  assert.deepEqual([...schemas.keys()], ['a.example/thing_v1.json'])
  const thing = schemas.get('a.example/thing_v1.json') as {
    readonly definitions: Readonly<Record<string, unknown>>
    readonly [key: string]: unknown
  }
  assert.deepEqual(thing.required, ['spec', 'apiVersion', 'kind', 'metadata'])
  assert.equal(thing.additionalProperties, false)
  assert.deepEqual(Object.keys(thing.definitions).sort(), ['a.Owner', objectMeta, 'util.IntOrString'].sort())
  assert.deepEqual(thing.definitions['util.IntOrString'], { anyOf: [{ type: 'string' }, { type: 'integer' }] })
  assert.throws(() => standalone('a.Other', api), /no definition 'a.Other'/)
})

test('what a definition does not describe is refused, unless it keeps the unknown', () => {
  assert.deepEqual(
    structural({
      type: 'object',
      description: 'for people',
      properties: {
        closed: { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true, anyOf: [{}] } } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        map: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
        list: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer', format: 'int32' } } } },
      },
    }),
    {
      type: 'object',
      properties: {
        closed: {
          type: 'object',
          properties: { port: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
          additionalProperties: false,
        },
        open: { type: 'object' },
        map: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
        list: {
          type: 'array',
          items: { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false },
        },
      },
      additionalProperties: false,
    },
  )
})

test('a condition forbids nothing that it does not mention', () => {
  assert.deepEqual(
    structural({
      type: 'object',
      properties: { a: {}, b: {} },
      oneOf: [{ required: ['a'], properties: { a: { type: 'object', required: ['c'] } } }],
      not: { anyOf: [{ required: ['b'] }] },
    }),
    {
      type: 'object',
      properties: { a: {}, b: {} },
      additionalProperties: false,
      oneOf: [{ required: ['a'], properties: { a: { type: 'object', required: ['c'] } } }],
      not: { anyOf: [{ required: ['b'] }] },
    },
  )
})

test('a definition has a schema for each version that is served, with the metadata of every object', () => {
  const version = (name: string, served: boolean) => ({
    name,
    served,
    schema: { openAPIV3Schema: { type: 'object', properties: { metadata: { type: 'object' } } } },
  })
  const definition: Definition = {
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'b.example',
      names: { kind: 'Other' },
      versions: [version('v1', true), version('v1beta1', false)],
    },
  }
  const schemas = crdSchemas(definition, api)
  assert.deepEqual([...schemas.keys()], ['b.example/other_v1.json'])
  const { properties } = schemas.get('b.example/other_v1.json') as { properties: Record<string, unknown> }
  assert.deepEqual(properties.apiVersion, { enum: ['b.example/v1'] })
  assert.deepEqual(Object.keys((properties.metadata as { properties: object }).properties), ['name', 'owner'])
})

test('every module is pinned by version and checksum, and one says what Kubernetes is', () => {
  for (const { version, sum } of modules) {
    assert.match(version, /^v\d+\.\d+\.\d+$/)
    assert.match(sum, /^h1:[\w+/]{43}=$/)
  }
  assert.equal(modules.filter(({ holds }) => 'openapi' in holds).length, 1)
})
