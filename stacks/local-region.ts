import { Provider } from '@pulumi/kubernetes'
import { type ChartContext, localContext } from '../infra/kubernetes/index.ts'
import { readRegion } from '../infra/local/region.ts'

export interface LocalRegion {
  readonly name: string
  /** What the charts need to know of it. */
  readonly context: ChartContext
  /** Reaches its API server and no other. */
  readonly provider: Provider
}

/** The region that NEURODEFENDER_REGION names (default: local), as its state folder describes it. Throws LocalRegionError NO_REGION. */
export function localRegion(env: NodeJS.ProcessEnv = process.env): LocalRegion {
  const region = readRegion(env.NEURODEFENDER_REGION || 'local')
  return {
    name: region.name,
    context: localContext(region),
    // The path, not the text: certificates that are issued anew change nothing in the stack.
    provider: new Provider('region', { kubeconfig: region.paths.kubeconfig }),
  }
}
