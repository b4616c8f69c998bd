import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Manifest } from '../../infra/kubernetes/synthesize.ts'
import { admissionConfig } from '../../infra/local/config/components.ts'
import { ensure } from '../engine/ensure.ts'
import { type ControlPlane, startControlPlane } from '../engine/pulumi/testing/control-plane.ts'
import { definitionOf } from './definition.ts'
import { fetchDefinitions } from './fetch.ts'
import { kubernetesApi } from './make.ts'
import { modules } from './modules.ts'
import { ownSchemas } from './own.ts'
import { define, objections, prepare } from './testing/dry-run.ts'
import { podsOf } from './testing/pods.ts'
import { find, regions } from './testing/regions.ts'

// A real API server of the local region's version judges every object by everything that it has: definitions with their rules,
// strict fields, admission with quotas and Pod Security as the local region has it. Nothing but the ground is made.
let plane: ControlPlane

before(async () => {
  const tools = await ensure(['kubernetes', 'etcd'])
  const options = { environment: process.env }
  const [upstream, api, started] = await Promise.all([
    Promise.all(modules.map((pin) => fetchDefinitions(pin, options))),
    kubernetesApi(options),
    startControlPlane((name) => tools.bin(name), { admission: admissionConfig }),
  ])
  plane = started
  const [installation] = ownSchemas(api).values()
  const used = new Set(regions.flatMap(({ objects }) => objects.map(({ kind }) => kind)))
  const definitions = [
    ...upstream.flat().filter(({ spec }) => used.has(spec.names.kind)),
    definitionOf(installation ?? assert.fail('own.ts has no schema.'), 'clickhouseinstallations'),
  ] as unknown as readonly Manifest[]
  await define(plane.cluster, definitions)
})

after(() => plane?.stop())

for (const { name, objects } of regions)
  test(`the API server accepts every object and every pod of ${name}`, async () => {
    await prepare(plane.cluster, objects)
    assert.deepEqual(await objections(plane.cluster, objects), [])
    const pods = objects.flatMap(podsOf)
    assert.ok(pods.length > 0)
    assert.deepEqual(await objections(plane.cluster, pods), [])
    // Every namespace with pods of ours judges them: the same on the machine's network are refused.
    const exposed = pods.map((pod) => ({ ...pod, spec: { ...(pod.spec as object), hostNetwork: true } }))
    const refused = await objections(plane.cluster, exposed)
    assert.equal(
      refused.filter((says) => says.includes('violates PodSecurity "restricted:latest"')).length,
      pods.length,
    )
  })

const size = { cpu: '100m', memory: '64Mi' }

/** A pod that a namespace of ours takes, until it is spoiled. */
const pod: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'trial', namespace: 'ngfw' },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image: 'trial',
        resources: { requests: size, limits: size },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
}

/** The resource as the design document writes it. */
const seed = {
  apiVersion: 'neurodefender.io/v1',
  kind: 'MLInference',
  metadata: { name: 'threat-detection' },
  spec: {
    replicas: 3,
    scaling: { metrics: [{ type: 'QPS', averageValue: 1000 }], minReplicas: 2, maxReplicas: 10 },
    resources: { requests: { memory: '4Gi', gpu: '1' } },
  },
}

test('the resource of the design document is accepted as it stands', async () => {
  assert.deepEqual(await objections(plane.cluster, [seed]), [])
})

// biome-ignore lint/suspicious/noExplicitAny: spoils what is readonly, in a copy
type Spoil = (copy: any) => void

/** By one mistake each. They stand on the ground of the last region above. */
const spoiled: readonly (readonly [what: string, object: Manifest, spoil: Spoil, says: string])[] = [
  [
    'a misspelled field',
    find('Deployment'),
    (copy) => {
      copy.spec.replcas = 3
    },
    '.spec.replcas: field not declared in schema',
  ],
  [
    'a misspelled field deep inside',
    find('StatefulSet'),
    (copy) => {
      copy.spec.template.spec.containers[0].livenessProb = {}
    },
    '.livenessProb: field not declared in schema',
  ],
  [
    'a template of pods that would be refused',
    find('Deployment'),
    (copy) => {
      copy.spec.template.spec.containers[0].securityContext.runAsNonRoot = false
    },
    'warning: would violate PodSecurity "restricted:latest": runAsNonRoot != true',
  ],
  [
    'a selector that misses its own pods',
    find('Deployment'),
    (copy) => {
      copy.spec.selector.matchLabels = { a: 'b' }
    },
    '`selector` does not match template `labels`',
  ],
  [
    'a bad quantity',
    find('ResourceQuota'),
    (copy) => {
      copy.spec.hard['requests.cpu'] = 'two'
    },
    'quantities must match the regular expression',
  ],
  [
    'a namespace that nobody makes',
    find('Service'),
    (copy) => {
      copy.metadata.namespace = 'nowhere'
    },
    'namespaces "nowhere" not found',
  ],
  [
    'fewest pods above the most',
    find('MLInference'),
    (copy) => {
      copy.spec.scaling.minReplicas = 1 + copy.spec.scaling.maxReplicas
    },
    'minReplicas is above maxReplicas',
  ],
  [
    'weights that do not make the whole',
    find('MLInference'),
    (copy) => {
      copy.spec.traffic.canaryWeight += 1
    },
    'the two weights do not make 100',
  ],
  [
    'a misspelled field',
    find('ScaledObject'),
    (copy) => {
      copy.spec.minReplicas = 1
    },
    '.spec.minReplicas: field not declared in schema',
  ],
  [
    'what a rule of its operator forbids',
    find('NodePool'),
    (copy) => {
      copy.spec.template.spec.requirements.push({ key: 'a', operator: 'In', values: [] })
    },
    "requirements with operator 'In' must have a value defined",
  ],
  [
    'a misspelled field of its pod',
    find('ClickHouseInstallation'),
    (copy) => {
      copy.spec.templates.podTemplates[0].spec.containers[0].imagee = 'x'
    },
    '.spec.templates.podTemplates[0].spec.containers[0].imagee: field not declared in schema',
  ],
  [
    'a privileged container',
    pod,
    (copy) => {
      copy.spec.containers[0].securityContext = { privileged: true }
    },
    // The server itself knows none; in a cloud, where it does, Pod Security says the same.
    'securityContext.privileged: Forbidden',
  ],
  [
    'a container that may become more than it is',
    pod,
    (copy) => {
      copy.spec.containers[0].securityContext.allowPrivilegeEscalation = true
    },
    'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
  ],
  [
    'a folder of the machine',
    pod,
    (copy) => {
      copy.spec.volumes = [{ name: 'a', hostPath: { path: '/' } }]
    },
    'restricted volume types (volume "a" uses restricted volume type "hostPath")',
  ],
  [
    'no limit where the namespace has one',
    pod,
    (copy) => {
      copy.spec.containers[0].resources = { requests: size }
    },
    'failed quota: quota: must specify limits.memory for: main',
  ],
  [
    'more than the namespace may have',
    pod,
    (copy) => {
      copy.spec.containers[0].resources.requests.memory = '100Ti'
      copy.spec.containers[0].resources.limits.memory = '100Ti'
    },
    'exceeded quota: quota',
  ],
  [
    'a bad quantity',
    pod,
    (copy) => {
      copy.spec.containers[0].resources.requests.cpu = '1 core'
    },
    'quantities must match the regular expression',
  ],
]

for (const [what, object, spoil, says] of spoiled)
  test(`${object.kind}: ${what} is objected to`, async () => {
    const copy = structuredClone(object)
    spoil(copy)
    assert.deepEqual(await objections(plane.cluster, [object]), [])
    const said = await objections(plane.cluster, [copy])
    assert.ok(said.join().includes(says), said.join() || 'accepted')
  })
