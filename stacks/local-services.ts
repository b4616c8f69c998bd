import { getOrganization, getProject, StackReference } from '@pulumi/pulumi'
import { deploy, synthesize } from '../infra/kubernetes/index.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { localRegion } from './local-region.ts'
import { declareOutputs, platformOutputs, readOutputs, servicesOutputs } from './outputs.ts'

const platformStack = 'local'

/** The product's workloads on a local region's platform. Fails while the platform is not up, or is another region's. */
export async function localServices() {
  checkEnvironment('local')
  const { name, context, provider } = localRegion()
  const reference = new StackReference(`${getOrganization()}/${getProject()}/${platformStack}`)
  const platform = readOutputs(reference, platformStack, platformOutputs)
  const synthesis = synthesize('local', 'services', context)
  const wanted = [...new Set(synthesis.manifests.map(({ metadata }) => metadata.namespace ?? ''))]
  const region = platform.apply((outputs) => {
    const missing = wanted.filter((namespace) => !outputs.namespaces.includes(namespace))
    if (outputs.region !== name || missing.length > 0)
      throw new Error(
        `The stack '${platformStack}' is of the region '${outputs.region}' with the namespaces ${outputs.namespaces.join(', ')}; this is '${name}', which needs ${wanted.join(', ')}. Bring '${platformStack}' up for it first.`,
      )
    return name
  })
  const objects = deploy(synthesis, { provider })
  return declareOutputs('local-services', servicesOutputs, { region, objects: objects.length })
}
