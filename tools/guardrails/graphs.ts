import kubernetes from '@pulumi/kubernetes'
import { Cache } from '../../infra/aws/cache/cache.ts'
import { Kafka } from '../../infra/aws/kafka/kafka.ts'
import { Network } from '../../infra/aws/network/network.ts'
import { ObjectStore } from '../../infra/aws/object-store/object-store.ts'
import { awsScope } from '../../infra/aws/scope.ts'
import type { StackGraph } from '../../infra/graph/graph.ts'
import { recordGraph } from '../../infra/graph/record.ts'
import { deploy, synthesize } from '../../infra/kubernetes/index.ts'
import { cloudContext } from '../../infra/kubernetes/test/context.ts'
import { policies } from '../../policies/bundle.ts'

const trial: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  'prod-us-east-1': async () => {
    const scope = awsScope('prod', 'us-east-1', policies)
    const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1'
    const network = new Network('network', { scope, logKeyArn: keyArn })
    const both = { scope, network, clientSecurityGroupId: 'sg-1', keyArn }
    new Kafka('kafka', both)
    new Cache('cache', both)
    new ObjectStore('store', { scope, accountId: '123456789012', keyArn })
    deploy(synthesize('prod', 'platform', cloudContext), { provider: new kubernetes.Provider('region', {}) })
    return {}
  },
  'prod-us-east-1-services': async () => {
    deploy(synthesize('prod', 'services', cloudContext), { provider: new kubernetes.Provider('region', {}) })
    return {}
  },
}

/** The stacks of an environment, recorded without credentials. */
export async function stackGraphs(): Promise<readonly StackGraph[]> {
  const graphs: StackGraph[] = []
  for (const [stack, program] of Object.entries(trial)) graphs.push(await recordGraph(stack, program))
  return graphs
}
