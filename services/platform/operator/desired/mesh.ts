import { podsCalled, retries } from '../../../../policies/calls.ts'
import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import { services } from '../../../../policies/services.ts'
import { traffic } from '../../../../policies/traffic.ts'
import type { KubeObject } from '../api/object.ts'
import type { Inference } from '../inference.ts'
import { hostOf, objectOf, type Subset, selectorOf } from './names.ts'

const { ports } = services['ml-inference']
const apiVersion = 'networking.istio.io/v1'
const policy = traffic.calls['ml-inference']

/**
 * Proxies end an idle connection before the pods do (services/common/http/listener.ts: 65 s): were the pod first, a request just on its way would be
 * answered with 503.
 */
const idleTimeout = '30s'

/** How callers behave: what the resource says, and the policy where it says nothing. */
const callsOf = ({ spec }: Inference) => ({
  timeout: spec.calls?.timeout ?? policy.timeout,
  // A policy that is not there is no retry: Istio's own default is two.
  retries: spec.calls ? spec.calls.retries : policy.retries,
  connections: spec.calls?.connections ?? policy.connections,
  outlier: spec.calls?.outlier ?? policy.outlier,
})

/** Proxies of the mesh have TLS with each other; a gateway alone takes the pods' own, and asks whose it is. */
function tlsOf({ mesh: { tls, trust } }: InferenceRegion) {
  if (tls === 'mutual') return { mode: 'ISTIO_MUTUAL' }
  if (!trust) return { mode: 'SIMPLE', insecureSkipVerify: true }
  return { mode: 'SIMPLE', credentialName: trust.secret, subjectAltNames: [trust.name], sni: trust.name }
}

/** The subsets, and which pods get calls, and how many at once. */
export function destinationRule(inference: Inference, region: InferenceRegion): KubeObject {
  const { name } = inference.metadata
  const { connectionPool, outlierDetection } = podsCalled(callsOf(inference))
  return objectOf(
    inference,
    region,
    { apiVersion, kind: 'DestinationRule', name },
    {
      spec: {
        host: hostOf(inference, region),
        trafficPolicy: {
          tls: tlsOf(region),
          connectionPool: { ...connectionPool, http: { ...connectionPool.http, idleTimeout } },
          loadBalancer: { simple: 'LEAST_REQUEST', localityLbSetting: { enabled: true } },
          outlierDetection,
        },
        subsets: (['stable', 'canary'] as const).map((subset) => ({ name: subset, labels: selectorOf(name, subset) })),
      },
    },
  )
}

/** Shares of the callers, per cent; together 100. */
export interface Weights {
  readonly stable: number
  readonly canary: number
}

/** All to the stable pods: how every route begins. */
export const initialWeights: Weights = { stable: 100, canary: 0 }

/**
 * The routes: gRPC by its content type, all else by HTTP, both shared alike. The weights are the canary controller's: pass those that stand
 * in the object.
 */
export function virtualService(inference: Inference, region: InferenceRegion, weights: Weights): KubeObject {
  const { name, namespace } = inference.metadata
  const host = hostOf(inference, region)
  const { timeout, retries: tries } = callsOf(inference)
  const destinations = (port: number) =>
    (['stable', 'canary'] as const satisfies Subset[]).map((subset) => ({
      destination: { host, subset, port: { number: port } },
      weight: weights[subset],
    }))
  const calls = { timeout, retries: retries(tries, { pure: true }) }
  return objectOf(
    inference,
    region,
    { apiVersion, kind: 'VirtualService', name },
    {
      spec: {
        hosts: [host, ...(region.mesh.anyHost === `${namespace}/${name}` ? ['*'] : [])],
        gateways: region.mesh.gateways,
        exportTo: ['*'],
        http: [
          {
            name: 'grpc',
            match: [{ headers: { 'content-type': { prefix: 'application/grpc' } } }],
            route: destinations(ports.grpc),
            ...calls,
          },
          { name: 'rest', route: destinations(ports.https), ...calls },
        ],
      },
    },
  )
}

/** The weights that stand in a VirtualService; the initial ones where it says none, or none that make 100. */
export function weightsOf(object: KubeObject | undefined): Weights {
  const spec = object?.spec as
    | { http?: readonly { route?: readonly { weight?: number; destination?: { subset?: string } }[] }[] }
    | undefined
  const route = spec?.http?.[0]?.route ?? []
  const weight = (subset: Subset) => route.find(({ destination }) => destination?.subset === subset)?.weight ?? 0
  const weights = { stable: weight('stable'), canary: weight('canary') }
  return weights.stable + weights.canary === 100 ? weights : initialWeights
}
