import type { ChartScope } from '../context.ts'
import { crossesRegions, inside } from './graph.ts'
import { hostOf } from './identity.ts'

/**
 * For istiod's `meshConfig.serviceSettings`: services of which every region has its own. Otherwise Istio takes a name for one service in
 * all clusters.
 */
export const serviceSettings = (scope: ChartScope) => [
  {
    settings: { clusterLocal: true },
    hosts: inside(scope)
      .filter((service) => !crossesRegions(scope, service))
      .map((service) => hostOf(scope, service)),
  },
]
