import type { Size } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { issuer } from './gateways.ts'
import { crossesRegions, inside } from './graph.ts'
import {
  clusterName,
  eastWestGateway,
  hostOf,
  ingressGateway,
  meshId,
  networkName,
  revisionTag,
  trustDomain,
} from './identity.ts'
import { tracingHost, tracingPort, tracingProvider } from './telemetry.ts'

/** What each proxy asks for; with every pod it counts against the namespace's share. */
export const proxySize = { cpu: '100m', memory: '256Mi' } as const satisfies Size

/** Where the agent of EKS Pod Identity answers, on every node: no proxy may stand between it and a pod. A fact of the vendor. */
const podIdentity = '169.254.170.23/32'

const runtimeDefault = { type: 'RuntimeDefault' } as const
const gatewaySecurity = {
  runAsNonRoot: true,
  runAsUser: 1337,
  runAsGroup: 1337,
  seccompProfile: runtimeDefault,
} as const

const requests = { requests: { ...proxySize }, limits: { memory: proxySize.memory } }

/** What holds for all proxies. */
const meshConfig = (scope: ChartScope) => ({
  trustDomain: trustDomain(scope),
  outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  enableAutoMtls: true,
  defaultConfig: {
    proxyMetadata: {
      // The proxy answers for names that only it knows: services of which this cluster has no pod.
      ISTIO_META_DNS_CAPTURE: 'true',
    },
  },
  extensionProviders: [{ name: tracingProvider, opentelemetry: { service: tracingHost(scope), port: tracingPort } }],
  // Istio treats a name as one service in all clusters unless it is told otherwise.
  serviceSettings: [
    {
      settings: { clusterLocal: true },
      hosts: inside(scope)
        .filter((service) => !crossesRegions(scope, service))
        .map((service) => hostOf(scope, service)),
    },
  ],
})

/**
 * Values of the five charts that make the mesh: Istio's `istiod`, `cni` and `gateway` (twice), and cert-manager's `istio-csr`, by which
 * the environment's authority signs for all regions. `revision` is the version of the control plane: '1-32-0'.
 */
export const meshCharts = (scope: ChartScope, revision: string) => {
  const { region } = scope.context
  const gateway = (name: string) => ({
    name,
    revision,
    serviceAccount: { create: true, name },
    // The mesh's own objects say how it is reached.
    service: { type: 'None' },
    labels: { istio: name },
    securityContext: gatewaySecurity,
    resources: requests,
    autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 6 },
    strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { istio: name } },
      },
    ],
  })
  return {
    istiod: {
      revision,
      revisionTags: [revisionTag],
      autoscaleMin: 2,
      cni: { enabled: true },
      seccompProfile: runtimeDefault,
      // Istio-csr signs; istiod only checks.
      env: { ENABLE_CA_SERVER: 'false' },
      meshConfig: meshConfig(scope),
      global: {
        meshID: meshId(scope),
        network: networkName(scope, region),
        multiCluster: { clusterName: clusterName(scope, region) },
        caAddress: 'cert-manager-istio-csr.cert-manager.svc:443',
        proxy: { excludeIPRanges: podIdentity, seccompProfile: runtimeDefault, resources: requests },
      },
    },
    // In kube-system: it alone changes a node, so that pods need no right to redirect their own traffic.
    cni: { seccompProfile: runtimeDefault },
    ingress: { ...gateway(ingressGateway), podAnnotations: gatewayPod({ numTrustedProxies: 1 }) },
    eastWest: {
      ...gateway(eastWestGateway),
      networkGateway: networkName(scope, region),
      podAnnotations: gatewayPod(),
    },
    csr: {
      app: {
        certmanager: { issuer },
        tls: { trustDomain: trustDomain(scope), certificateDuration: '24h', istiodCertificateDuration: '24h' },
        server: { clusterID: clusterName(scope, region) },
        istio: { revisions: [revision] },
      },
      replicaCount: 2,
    },
  } as const
}

/** Pods of a gateway: the control plane fills in the proxy. One that stands behind a load balancer trusts what it says of the caller. */
const gatewayPod = (topology?: { readonly numTrustedProxies: number }): Readonly<Record<string, string>> => ({
  'inject.istio.io/templates': 'gateway',
  'sidecar.istio.io/inject': 'true',
  ...(topology ? { 'proxy.istio.io/config': JSON.stringify({ gatewayTopology: topology }) } : {}),
})
