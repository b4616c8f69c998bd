import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { Size } from '../../../policies/model/service.ts'
import type { ChartScope, Cluster } from '../context.ts'
import { checksum } from '../output-resolver.ts'
import { imageOf } from '../workload/image.ts'
import { dnsPodPort } from '../workload/network.ts'
import { platformDeployment } from '../workload/platform-deployment.ts'
import { kubeletProbes } from '../workload/probe.ts'
import { resources } from '../workload/resources.ts'
import { containerSecurity } from '../workload/security.ts'
import { RegionChart } from './region-chart.ts'

const namespace = 'kube-system'
const name = 'coredns'
const labels = { 'app.kubernetes.io/name': name, 'k8s-app': 'kube-dns' }
const healthPort = 8080
const readyPort = 8181

/** Names of the cluster only: a region asks nobody outside. */
const corefile = ({ context }: ChartScope): string => `.:${dnsPodPort} {
    errors
    health :${healthPort} {
        lameduck 3s
    }
    ready :${readyPort}
    kubernetes ${context.domain} in-addr.arpa ip6.arpa {
        pods disabled
        ttl 5
    }
    cache 5
    loadbalance
}
`

/** The region's own name server, which reads Services from the API: the one pod with a token. */
export class CoreDns extends RegionChart {
  constructor(parent: Construct, scope: ChartScope, cluster: Cluster & { readonly kind: 'embedded' }, size: Size) {
    super(parent, name, scope)
    const construct = new Construct(this, name)
    this.#access(construct)
    const config = { Corefile: corefile(scope) }
    new k8s.KubeConfigMap(construct, 'config', { metadata: { name, namespace }, data: config })
    new k8s.KubeService(construct, 'service', {
      metadata: { name: 'kube-dns', namespace, labels },
      spec: {
        type: 'ClusterIP',
        clusterIp: cluster.dnsAddress,
        selector: labels,
        ports: ['UDP', 'TCP'].map((protocol) => ({
          name: `dns-${protocol.toLowerCase()}`,
          port: 53,
          targetPort: k8s.IntOrString.fromNumber(dnsPodPort),
          protocol,
        })),
      },
    })
    platformDeployment(construct, scope, {
      name,
      namespace,
      labels,
      files: checksum(config),
      grace: 10,
      container: this.#container(scope, size),
      volumes: [{ name: 'config', configMap: { name, defaultMode: 0o444 } }],
      pod: { priorityClassName: 'system-cluster-critical', dnsPolicy: 'Default' },
    })
  }

  #container(scope: ChartScope, size: Size): k8s.Container {
    return {
      name,
      image: imageOf(scope, name),
      imagePullPolicy: 'IfNotPresent',
      args: ['-conf', '/etc/coredns/Corefile'],
      ports: ['UDP', 'TCP'].map((protocol) => ({
        name: `dns-${protocol.toLowerCase()}`,
        containerPort: dnsPodPort,
        protocol,
      })),
      ...kubeletProbes(
        {
          alive: { kind: 'http', port: healthPort, path: '/health' },
          ready: { kind: 'http', port: readyPort, path: '/ready' },
        },
        '60s',
      ),
      resources: resources(size),
      securityContext: containerSecurity,
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
    }
  }

  #access(construct: Construct): void {
    new k8s.KubeServiceAccount(construct, 'account', { metadata: { name, namespace } })
    const role = `neurodefender:${name}`
    new k8s.KubeClusterRole(construct, 'role', {
      metadata: { name: role },
      rules: [
        { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    })
    new k8s.KubeClusterRoleBinding(construct, 'binding', {
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    })
  }
}
