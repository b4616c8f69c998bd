import { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { keda } from '../../local/keda.ts'
import { PrometheusAccess } from '../charts/autoscaler-access.ts'
import { RegionChart } from '../charts/region-chart.ts'
import { mounted, nodeOf, podLabels, podSecurityLabels, port } from '../names.ts'
import { asText, base64 } from '../output-resolver.ts'
import { denyAll, peer, podsIn, tcp } from '../workload/network.ts'
import { Access } from './access.ts'
import { node, Part } from './part.ts'
import { ports } from './ports.ts'
import { type LocalKedaScope, scaledNamespaces } from './scope.ts'

const { namespace, operator, adapter } = keda
const api = { group: 'external.metrics.k8s.io', version: 'v1beta1' } as const
const log = ['--zap-log-level=info', '--zap-encoder=json', '--zap-time-encoding=rfc3339nano']

/** KEDA of a region on a developer's machine: the operator, and the adapter by which the Kubernetes API answers with its metrics. */
export class LocalKeda extends RegionChart {
  constructor(parent: Construct, scope: LocalKedaScope) {
    super(parent, 'local-keda', scope)
    for (const { apiVersion, kind, metadata, spec } of scope.keda.definitions)
      new ApiObject(this, `definition-${metadata.name}`, { apiVersion, kind, metadata: { name: metadata.name }, spec })
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: { name: namespace, labels: podSecurityLabels('restricted') },
    })
    denyAll(this, namespace)
    new Access(this, scope)
    this.#operator(scope)
    this.#adapter(scope)
    this.#scrapes(scope)
    new PrometheusAccess(this, scope, `${operator}-tls`)
  }

  /** One pod, and never two: so none has to wait for the end of another's lease, also after that one died. */
  #operator(scope: LocalKedaScope): void {
    const question = (path: string) => ({ kind: 'http', port: ports.ready, path }) as const
    new Part(this, scope, {
      name: operator,
      image: 'keda-operator',
      certificate: scope.keda.certificates.operator,
      size: scope.sizes.operator,
      args: [
        `--cert-dir=${mounted('tls')}`,
        '--enable-cert-rotation=false',
        '--enable-webhook-patching=false',
        '--enable-apiservice-patching=false',
        '--leader-elect=false',
        `--metrics-bind-address=:${ports.metrics}`,
        `--health-probe-bind-address=:${ports.ready}`,
        `--metrics-service-bind-address=:${ports.values}`,
        `--k8s-cluster-domain=${scope.context.domain}`,
        ...log,
      ],
      env: {
        WATCH_NAMESPACE: scaledNamespaces(scope).join(','),
        KEDA_CLUSTER_OBJECT_NAMESPACE: namespace,
        KEDA_RESTRICT_SECRET_ACCESS: 'true',
      },
      probes: { alive: question('/healthz'), ready: question('/readyz') },
      called: { name: 'values', port: ports.values, at: ports.values },
      from: podsIn(namespace, podLabels(adapter)),
      to: [{ peer: peer(scope, 'prometheus'), port: port(scope, 'prometheus', 'https') }],
      overlap: false,
    })
  }

  #adapter(scope: LocalKedaScope): void {
    const question = (path: string) => ({ kind: 'https', port: ports.api, path }) as const
    new Part(this, scope, {
      name: adapter,
      image: 'keda-adapter',
      certificate: scope.keda.certificates.adapter,
      size: scope.sizes.adapter,
      args: [
        `--secure-port=${ports.api}`,
        `--cert-dir=${mounted('tls')}`,
        `--tls-cert-file=${mounted('tls', 'tls.crt')}`,
        `--tls-private-key-file=${mounted('tls', 'tls.key')}`,
        `--port=${ports.metrics}`,
        `--metrics-service-address=${operator}.${namespace}.svc.${scope.context.domain}:${ports.values}`,
        ...log,
      ],
      env: { WATCH_NAMESPACE: scaledNamespaces(scope).join(',') },
      probes: { alive: question('/livez'), ready: question('/readyz') },
      called: { name: 'https', port: 443, at: ports.api },
      from: node(scope),
      to: [{ peer: podsIn(namespace, podLabels(operator)), port: ports.values }],
      overlap: true,
    })
    new k8s.KubeApiService(this, 'api', {
      metadata: { name: `${api.version}.${api.group}` },
      spec: {
        ...api,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: asText(base64(scope.context.secrets.authority)),
        service: { name: adapter, namespace, port: 443 },
      },
    })
  }

  #scrapes(scope: LocalKedaScope): void {
    new k8s.KubeNetworkPolicy(this, 'scrapes', {
      metadata: { name: 'prometheus-keda', namespace: nodeOf(scope, 'prometheus').namespace },
      spec: {
        podSelector: { matchLabels: podLabels('prometheus') },
        policyTypes: ['Egress'],
        egress: [{ to: [podsIn(namespace)], ports: [tcp(ports.metrics)] }],
      },
    })
  }
}
