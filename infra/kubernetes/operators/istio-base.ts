import type { ChartScope } from '../context.ts'
import { istioNamespace } from './istio-names.ts'
import { type Asked, asks } from './pods.ts'
import { type Release, release } from './release.ts'

export interface IstioBaseValues {
  readonly defaultRevision: string
}

/** The mesh's definitions. */
export const istioBase = (scope: ChartScope): Release<IstioBaseValues> =>
  release(scope, 'istio-base', {
    namespace: istioNamespace,
    stage: 'foundations',
    values: { defaultRevision: 'default' },
  })

export interface IstioCniValues {
  readonly resources: Asked
  /** A pod that started before the agent is ended rather than left without its proxy's redirection. */
  readonly repair: { readonly enabled: true; readonly repairPods: boolean; readonly deletePods: boolean }
}

/** The agent on every machine that redirects traffic into proxies, so that pods keep the restricted profile. */
export const istioCni = (scope: ChartScope): Release<IstioCniValues> =>
  release(scope, 'istio-cni', {
    namespace: 'kube-system',
    stage: 'controllers',
    values: { resources: asks('50m', '128Mi'), repair: { enabled: true, repairPods: false, deletePods: true } },
  })
