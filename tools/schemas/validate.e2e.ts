import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensure } from '../engine/ensure.ts'
import { crdSchemas, isDefinition } from './crd.ts'
import { ensureSchemas, kubernetesApi, writeSchemas } from './make.ts'
import { find, regions } from './testing/regions.ts'
import { validate } from './validate.ts'

let program: string
let folders: string[]
const own = mkdtempSync(join(tmpdir(), 'nd-own-schemas-'))

before(async () => {
  program = (await ensure(['kubeconform'])).bin('kubeconform')
  folders = [await ensureSchemas(), own]
  // Definitions that our charts make themselves.
  const api = await kubernetesApi({ environment: process.env })
  for (const definition of regions.flatMap(({ objects }) => (objects as readonly unknown[]).filter(isDefinition)))
    writeSchemas(crdSchemas(definition, api), own)
})

after(() => rmSync(own, { recursive: true, force: true }))

for (const { name, objects } of regions)
  test(`every object of ${name} is what its kind allows`, async () => {
    assert.deepEqual(await validate(program, objects, folders), { valid: objects.length, invalid: [] })
  })

// biome-ignore lint/suspicious/noExplicitAny: spoils what is readonly, in a copy
type Spoil = (copy: any) => void

const spoiled: readonly (readonly [kind: string, what: string, spoil: Spoil])[] = [
  [
    'Deployment',
    'a field that nobody knows',
    (copy) => {
      copy.spec.replcas = 3
    },
  ],
  [
    'Deployment',
    'a field that nobody knows, deep inside',
    (copy) => {
      copy.spec.template.spec.containers[0].livenessProb = {}
    },
  ],
  [
    'Deployment',
    'text in place of a number',
    (copy) => {
      copy.spec.replicas = 'three'
    },
  ],
  [
    'Service',
    'a port without a number',
    (copy) => {
      delete copy.spec.ports[0].port
    },
  ],
  [
    'NetworkPolicy',
    'a field of metadata that nobody knows',
    (copy) => {
      copy.metadata.lables = {}
    },
  ],
  [
    'ScaledObject',
    'no triggers',
    (copy) => {
      delete copy.spec.triggers
    },
  ],
  [
    'ScaledObject',
    'a field that nobody knows',
    (copy) => {
      copy.spec.minReplicas = 1
    },
  ],
  [
    'AuthorizationPolicy',
    'an action that does not exist',
    (copy) => {
      copy.spec.action = 'PERMIT'
    },
  ],
  [
    'PeerAuthentication',
    'a mode that does not exist',
    (copy) => {
      copy.spec.mtls.mode = 'ON'
    },
  ],
  [
    'DestinationRule',
    'a field that nobody knows, deep inside',
    (copy) => {
      copy.spec.trafficPolicy.outlierDetection = { errors: 5 }
    },
  ],
  [
    'VirtualService',
    'a time without a unit',
    (copy) => {
      copy.spec.http[0].timeout = 12
    },
  ],
  [
    'Certificate',
    'no secret',
    (copy) => {
      delete copy.spec.secretName
    },
  ],
  [
    'Gateway',
    'another version',
    (copy) => {
      copy.apiVersion = 'networking.istio.io/v2'
    },
  ],
  [
    'ConfigMap',
    'a kind that nobody knows',
    (copy) => {
      copy.kind = 'ConfigMapp'
    },
  ],
]

for (const [kind, what, spoil] of spoiled)
  test(`${kind}: ${what} is refused`, async () => {
    const object = find(kind)
    const copy = structuredClone(object)
    spoil(copy)
    assert.equal((await validate(program, [object], folders)).valid, 1)
    assert.equal((await validate(program, [copy], folders)).invalid.length, 1)
  })
