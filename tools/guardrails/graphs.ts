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
import { cloudStacks } from '../../stacks/names.ts'
import { exampleRegion } from '../../stacks/testing/region.ts'

const parts = {
  region: async (region: string) => {
    const scope = awsScope('prod', region, policies)
    const { arn: logKeyArn } = new LogKey('logs', { scope })
    const keyArn = logKeyArn
    const network = new Network('network', { scope, logKeyArn })
    const access = { admin: 'arn:aws:iam::123456789012:role/admin', deploy: 'arn:aws:iam::123456789012:role/deploy' }
    const cluster = new Cluster('cluster', { scope, network, logKeyArn, access })
    const both = { scope, network, clientSecurityGroupId: cluster.securityGroupId, keyArn, logKeyArn }
    new Kafka('kafka', both)
    new Cache('cache', both)
    new ObjectStore('store', { scope, accountId: '123456789012', keyArn })
    deploy(synthesize('prod', 'platform', cloudContext), { provider: new kubernetes.Provider('region', {}) })
    new kubernetes.helm.v3.Release('keda', {
      chart: 'keda',
      version: '2.18.1',
      repositoryOpts: { repo: 'https://kedacore.github.io/charts' },
    })
    return exampleRegion('prod', region)
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
    const program =
      stack.kind === 'region'
        ? () => parts.region(stack.region)
        : stack.kind === 'services'
          ? parts.services
          : programOf(stack.name)
    const graph = await recordGraph(stack.name, program, { outputs })
    outputs[stack.name] = stack.kind === 'region' ? exampleRegion('prod', stack.region) : graph.outputs
    graphs.push(graph)
  }
  return graphs
}
