import { deploy, synthesize } from '../infra/kubernetes/index.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { localRegion } from './local-region.ts'
import { declareOutputs, platformOutputs } from './outputs.ts'

/** A local region's platform: namespaces, name server, Kafka, ClickHouse engine, Redis, Prometheus. */
export async function local() {
  checkEnvironment('local')
  const { name, context, provider } = localRegion()
  const synthesis = synthesize('local', 'platform', context)
  const objects = deploy(synthesis, { provider })
  return declareOutputs('local', platformOutputs, {
    environment: synthesis.environment,
    region: name,
    namespaces: synthesis.manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    objects: objects.length,
  })
}
