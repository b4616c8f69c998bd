import { createHash } from 'node:crypto'
import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { podSecurityLabels } from '../names.ts'
import { clickhouseOperator } from '../operators/clickhouse-operator.ts'
import { gpuNamespace } from '../operators/gpu.ts'
import { knowsRoot, rootConfigMap } from '../operators/istio-csr.ts'
import { identityService, istioNamespace, meshNetwork } from '../operators/istio-names.ts'
import { releases } from '../operators/releases.ts'
import { asText, type base64, derive, secretData } from '../output-resolver.ts'
import { gpuMetrics } from '../workload/managed-network.ts'
import { RegionChart } from './region-chart.ts'

/** Namespaces whose pods reach into the machine. */
const privileged = new Set<string>([gpuNamespace])

/** What the controllers of others stand on: their namespaces, and what they must read before they start. */
export class OperatorGround extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'operator-ground', scope)
    const names = new Set(releases(scope).map(({ namespace }) => namespace))
    names.delete('kube-system')
    for (const name of names) this.#namespace(name)
    if (knowsRoot(scope))
      new k8s.KubeConfigMap(this, 'mesh-root', {
        metadata: { name: rootConfigMap, namespace: identityService.namespace },
        data: { 'ca.pem': asText(scope.context.secrets.authority) },
      })
    new k8s.KubeService(this, 'gpu-metrics', {
      metadata: { name: gpuMetrics.name, namespace: gpuNamespace },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        selector: { 'app.kubernetes.io/name': 'dcgm-exporter' },
        ports: [
          {
            name: 'metrics',
            port: gpuMetrics.port,
            targetPort: k8s.IntOrString.fromNumber(gpuMetrics.port),
            protocol: 'TCP',
          },
        ],
      },
    })
    const { replica } = scope.context.secrets.clickhouse
    if (!replica) throw new RangeError('The context has no secrets.clickhouse.replica, which all regions share.')
    const access = { username: 'clickhouse_operator', password: operatorPassword(replica) }
    new k8s.KubeSecret(this, 'clickhouse-operator-access', {
      metadata: { name: clickhouseOperator.secret, namespace: clickhouseOperator.namespace },
      type: 'Opaque',
      data: secretData(access),
    })
  }

  #namespace(name: string): void {
    const meshed = name === clickhouseOperator.namespace
    new k8s.KubeNamespace(new Construct(this, name), 'namespace', {
      metadata: {
        name,
        labels: {
          ...podSecurityLabels(privileged.has(name) ? 'privileged' : 'baseline'),
          // It calls the hot tier, which only the mesh may call.
          ...(meshed ? { 'istio-injection': 'enabled' } : {}),
          ...(name === istioNamespace ? { 'topology.istio.io/network': meshNetwork(this.region) } : {}),
        },
      },
    })
  }
}

/** The controller's own password follows from the replicas': one secret less that somebody has to carry. */
const operatorPassword = (replica: Parameters<typeof base64>[0]) =>
  derive([replica], (text) => createHash('sha256').update(`clickhouse operator ${text}`).digest('hex'))
