import kubernetes from '@pulumi/kubernetes'
import { Cache } from '../../infra/aws/cache/cache.ts'
import { Cluster } from '../../infra/aws/cluster/cluster.ts'
import { Kafka } from '../../infra/aws/kafka/kafka.ts'
import { LogKey } from '../../infra/aws/logs/log-key.ts'
import { Network } from '../../infra/aws/network/network.ts'
import { ObjectStore } from '../../infra/aws/object-store/object-store.ts'
import { awsScope } from '../../infra/aws/scope.ts'
import type { StackGraph } from '../../infra/graph/graph.ts'
import { recordGraph } from '../../infra/graph/record.ts'
import { deploy, synthesize } from '../../infra/kubernetes/index.ts'
import { cloudContext } from '../../infra/kubernetes/test/context.ts'
import { policies } from '../../policies/bundle.ts'
import type { CloudEnvironment } from '../../policies/cloud.ts'
import { programOf } from '../../stacks/index.ts'
import { type CloudStack, cloudStacks } from '../../stacks/names.ts'
import { exampleRegion } from '../../stacks/testing/region.ts'

const parts = {
  region: async (region: string, environment: CloudEnvironment) => {
    const scope = awsScope(environment, region, policies)
    const { arn: logKeyArn } = new LogKey('logs', { scope })
    const keyArn = logKeyArn
    const network = new Network('network', { scope, logKeyArn })
    const access = { admin: 'arn:aws:iam::123456789012:role/admin', deploy: 'arn:aws:iam::123456789012:role/deploy' }
    const cluster = new Cluster('cluster', { scope, network, logKeyArn, access })
    const both = { scope, network, clientSecurityGroupId: cluster.securityGroupId, keyArn, logKeyArn }
    new Kafka('kafka', both)
    new Cache('cache', both)
    new ObjectStore('store', { scope, accountId: '123456789012', keyArn })
    deploy(synthesize(environment, 'platform', cloudContext), { provider: new kubernetes.Provider('region', {}) })
    new kubernetes.helm.v3.Release('keda', {
      chart: 'keda',
      version: '2.18.1',
      repositoryOpts: { repo: 'https://kedacore.github.io/charts' },
    })
    return exampleRegion(environment, region)
  },
  services: async () => {
    deploy(synthesize('prod', 'services', cloudContext), { provider: new kubernetes.Provider('region', {}) })
    return {}
  },
}

/** The stacks of an environment of the cloud, recorded without credentials, each after those whose outputs it reads. */
export async function stackGraphs(environment: CloudEnvironment): Promise<readonly StackGraph[]> {
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {}
  const graphs: StackGraph[] = []
  for (const stack of cloudStacks(policies).filter((one) => one.environment === environment)) {
    const graph = await recordGraph(stack.name, programFor(stack), { outputs })
    outputs[stack.name] = outputsOf(stack, graph)
    graphs.push(graph)
  }
  return graphs
}

/** The same as in a first preview: what the cloud will answer is unknown. `known` are the stacks that others read. */
export async function firstPreviews(known: readonly StackGraph[]): Promise<readonly StackGraph[]> {
  const stacks = cloudStacks(policies).filter(({ name }) => known.some(({ stack }) => stack === name))
  const outputs = Object.fromEntries(
    stacks.map((stack) => [stack.name, outputsOf(stack, known.find((graph) => graph.stack === stack.name)!)]),
  )
  const graphs: StackGraph[] = []
  for (const stack of stacks) graphs.push(await recordGraph(stack.name, programFor(stack), { outputs, unknowns: true }))
  return graphs
}

const programFor = (stack: CloudStack) =>
  stack.kind === 'region'
    ? () => parts.region(stack.region, stack.environment)
    : stack.kind === 'services'
      ? parts.services
      : programOf(stack.name)

const outputsOf = (stack: CloudStack, graph: StackGraph) =>
  stack.kind === 'region' ? exampleRegion(stack.environment, stack.region) : graph.outputs
