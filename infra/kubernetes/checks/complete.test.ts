import assert from 'node:assert/strict'
import { test } from 'node:test'
import { find, manifestsOf } from '../test/manifests.ts'
import { incomplete } from './complete.ts'
import { assertManifests, ManifestError } from './findings.ts'

// biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
const collector = (): any => structuredClone(find(manifestsOf('local'), 'Deployment siem/event-collector'))

test('what we deploy is complete', () => {
  for (const manifest of manifestsOf('prod').values()) assert.deepEqual(incomplete(manifest), [])
})

const mistakes: Record<string, [(json: ReturnType<typeof collector>) => void, string]> = {
  'a tag instead of a digest': [
    (json) => {
      json.spec.template.spec.containers[0].image = 'kafka:latest'
    },
    'Deployment siem/event-collector: spec.template.spec.containers[0].image must end in a digest.',
  ],
  'an empty quantity': [
    (json) => {
      json.spec.template.spec.containers[0].resources.limits.memory = ''
    },
    'Deployment siem/event-collector: spec.template.spec.containers[0].resources.limits.memory must be a quantity.',
  ],
  'a missing probe': [
    (json) => {
      delete json.spec.template.spec.containers[0].livenessProbe
    },
    'Deployment siem/event-collector: spec.template.spec.containers[0].livenessProbe must be given.',
  ],
  'a pod that may be root': [
    (json) => {
      json.spec.template.spec.securityContext.runAsNonRoot = false
    },
    'Deployment siem/event-collector: spec.template.spec.securityContext.runAsNonRoot must be true.',
  ],
  'a writable root': [
    (json) => {
      json.spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem = false
    },
    'Deployment siem/event-collector: spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem must be true.',
  ],
  'no namespace': [
    (json) => {
      delete json.metadata.namespace
    },
    'Deployment event-collector: metadata.namespace must be given.',
  ],
}

for (const [name, [mutate, message]] of Object.entries(mistakes))
  test(`${name} is found`, () => {
    const json = collector()
    mutate(json)
    assert.deepEqual(
      incomplete(json).map((finding) => finding.message),
      [message],
    )
  })

// biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
const operated: Record<string, [string, (spec: any) => any, string]> = {
  ClickHouseInstallation: [
    'ClickHouseInstallation data/us-east-1',
    (spec) => spec.templates.podTemplates[0].spec,
    'spec.templates.podTemplates[0].spec',
  ],
  Elasticsearch: [
    'Elasticsearch data/elasticsearch',
    (spec) => spec.nodeSets[0].podTemplate.spec,
    'spec.nodeSets[0].podTemplate.spec',
  ],
}

for (const [kind, [key, pod, path]] of Object.entries(operated))
  test(`a pod that an operator makes of ${kind} is judged like any other`, () => {
    // biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
    const json = structuredClone(find(manifestsOf('prod'), key)) as any
    pod(json.spec).securityContext.runAsNonRoot = false
    pod(json.spec).containers[0].image = 'engine:latest'
    assert.deepEqual(
      incomplete(json).map(({ message }) => message),
      [
        `${key}: ${path}.securityContext.runAsNonRoot must be true.`,
        `${key}: ${path}.containers[0].image must end in a digest.`,
      ],
    )
  })

test('all findings are thrown at once', () => {
  const json = collector()
  json.spec.template.spec.containers = []
  delete json.metadata.name
  assert.throws(
    () => assertManifests(incomplete(json)),
    (error: ManifestError) => error instanceof ManifestError && error.findings.length === 2,
  )
})
