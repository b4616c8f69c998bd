import assert from 'node:assert/strict'
import { test } from 'node:test'
import kubernetes from '@pulumi/kubernetes'
import { interpolate } from '@pulumi/pulumi'
import random from '@pulumi/random'
import { hidden, type StackGraph, unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import type { ChartContext, ManagedCluster } from '../context.ts'
import { type Part, synthesize } from '../synthesize.ts'
import { cloudContext } from '../test/context.ts'
import { deploy } from './deploy.ts'

/** A region whose every address and secret is an output of a resource, as in the real stack. */
const graphOf = (part: Part, unknowns: boolean): Promise<StackGraph> =>
  recordGraph(
    `prod-us-east-1-${part}`,
    async () => {
      const made = (name: string) => new random.RandomPassword(name, { length: 32 }).result
      const cluster = cloudContext.cluster as ManagedCluster
      const context: ChartContext = {
        ...cloudContext,
        cluster: {
          ...cluster,
          name: made('cluster'),
          kafka: interpolate`${made('kafka')}:9098`,
          cache: { ...cluster.cache, host: made('cache') },
          nodeRole: made('role'),
          authority: { ...cluster.authority, arn: made('authority') },
          backups: made('backups'),
        },
        secrets: {
          ...cloudContext.secrets,
          authority: made('root'),
          clickhouse: { sink: made('sink'), analytics: made('analytics'), replica: made('replica') },
          redis: made('redis'),
          prometheus: made('prometheus'),
          prometheusBcrypt: made('bcrypt'),
        },
      }
      deploy(synthesize('prod', part, context), { provider: new kubernetes.Provider('cluster') })
      return {}
    },
    { unknowns },
  )

const objects = ({ resources }: StackGraph) =>
  resources.filter(({ type }) => type.startsWith('kubernetes:') && !type.includes('providers'))

for (const part of ['platform', 'services'] as const)
  test(`a first preview of the ${part} knows every object, though no address yet`, async () => {
    const [later, known] = [await graphOf(part, true), await graphOf(part, false)]
    assert.deepEqual(
      objects(later).map(({ name }) => name),
      objects(known).map(({ name }) => name),
    )
    const { manifests, releases } = synthesize('prod', part, cloudContext)
    assert.equal(objects(known).length, manifests.length + releases.length)
    assert.ok(!JSON.stringify(known.resources).includes('pulumi-output:'))
    assert.ok(!JSON.stringify(known.resources).includes('[object Object]'))
  })

test('what only the cloud knows stands where it belongs', async () => {
  const platform = await graphOf('platform', true)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const inputs = (name: string): any => platform.resources.find((resource) => resource.name === name)?.inputs
  assert.equal(inputs('release-kube-system-karpenter').values.settings.clusterName, unknown)
  assert.equal(inputs('ec2nodeclass-neurodefender').spec.role, unknown)
  assert.equal(inputs('awspcaclusterissuer-neurodefender').spec.arn, unknown)
  // Of a Secret nothing is shown, known or not.
  const { data } = inputs('secret-data-clickhouse-users')
  const shown = typeof data === 'string' ? [data] : Object.values(data)
  assert.deepEqual(new Set(shown).difference(new Set([hidden, unknown])), new Set())
})

test('the fields that others own are ignored, and data is protected', async () => {
  const { resources } = await graphOf('services', false)
  const resource = resources.find(({ name }) => name === 'mlinference-ngfw-threat-detection')
  assert.deepEqual(resource?.ignoreChanges, ['spec.replicas', 'spec.traffic'])
  const platform = await graphOf('platform', false)
  assert.equal(platform.resources.find(({ name }) => name === 'clickhouseinstallation-data-us-east-1')?.protect, true)
})
