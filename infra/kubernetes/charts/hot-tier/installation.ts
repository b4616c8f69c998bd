import { createHash } from 'node:crypto'
import type { Input } from '@pulumi/pulumi'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { Construct as Group } from 'constructs'
import type { PortName } from '../../../../policies/model/service.ts'
import type { ChartScope } from '../../context.ts'
import type { ClickHouseInstallationSpec } from '../../crds/clickhouse.ts'
import { customResource, podSpecJson } from '../../custom-resource.ts'
import { certificateNames, commonLabels, mounted, nodeOf, podLabels, port } from '../../names.ts'
import { asText, checksum, derive, secretData } from '../../output-resolver.ts'
import { bounds } from '../../replicas.ts'
import { issuedCertificate } from '../../workload/certificate.ts'
import { replicaPorts, unmeshedPorts } from '../../workload/managed-network.ts'
import { networkPolicy } from '../../workload/network.ts'
import { placement } from '../../workload/placement.ts'
import { kubeletProbes } from '../../workload/probe.ts'
import { resources } from '../../workload/resources.ts'
import { containerSecurity, securityOf } from '../../workload/security.ts'
import { appProtocol } from '../../workload/services.ts'
import { storageClass } from '../../workload/storage.ts'
import { RegionChart } from '../region-chart.ts'
import { hostnameAnnotation, internalDomain, keeperMembers, regionCluster, replicaHosts } from './copies.ts'
import { clickhouseUser } from './keeper.ts'
import { hostVariable, limits, replicaPasswordVariable, serverFiles, sinkGrants } from './server.ts'

const service = 'clickhouse'
const usersSecret = 'clickhouse-users'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: usersSecret, key } } })

/**
 * The hot tier of a region: its replicas of the one shard that all regions hold. The operator makes and changes the pods; the names,
 * the network and the certificate are those of every other service.
 */
export class HotTier extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'hot-tier', scope)
    const { namespace } = nodeOf(scope, service)
    const group = new Group(this, service)
    const { region } = scope.context
    new k8s.KubeServiceAccount(group, 'account', {
      metadata: { name: service, namespace },
      automountServiceAccountToken: false,
    })
    issuedCertificate(group, scope, {
      name: service,
      namespace,
      dnsNames: [...certificateNames(scope, service), ...replicaHosts(scope, region)],
    })
    networkPolicy(group, scope, service)
    this.#services(group, namespace)
    const passwords = this.#users(group, namespace)
    customResource(group, 'installation', {
      apiVersion: 'clickhouse.altinity.com/v1',
      kind: 'ClickHouseInstallation',
      metadata: { name: region, namespace },
      spec: installation(scope, checksum(passwords)),
    })
  }

  /** One address for callers, and the names of the pods: inside the cluster, and for replicas in other regions. */
  #services(construct: Construct, namespace: string): void {
    const ports = { ...nodeOf(this.region, service).ports }
    const list = (of: Readonly<Record<string, number>>) =>
      Object.entries(of).map(([name, number]) => ({
        name,
        port: number,
        targetPort: k8s.IntOrString.fromNumber(number),
        protocol: 'TCP',
        ...appProtocol(this.region, service, name as PortName),
      }))
    const selector = podLabels(service)
    new k8s.KubeService(construct, 'service', {
      metadata: { name: service, namespace, labels: selector },
      spec: { type: 'ClusterIP', selector, ports: list(ports) },
    })
    new k8s.KubeService(construct, 'headless', {
      metadata: { name: `${service}-headless`, namespace, labels: selector },
      spec: { type: 'ClusterIP', clusterIp: 'None', publishNotReadyAddresses: true, selector, ports: list(ports) },
    })
    new k8s.KubeService(construct, 'replicas', {
      metadata: {
        name: `${service}-replicas`,
        namespace,
        annotations: hostnameAnnotation(internalDomain(this.region, this.region.context.region)),
      },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector,
        ports: list({ ...replicaPorts }),
      },
    })
  }

  /** Hashes of the users' passwords, and the password of the replicas, which they say to each other in full over TLS. */
  #users(construct: Construct, namespace: string): Record<string, Input<string>> {
    const { sink, analytics, replica } = this.region.context.secrets.clickhouse
    if (!replica) throw new RangeError('The context has no secrets.clickhouse.replica, which all regions share.')
    const data = { sink: derive([sink], sha256), analytics: derive([analytics], sha256), replica }
    new k8s.KubeSecret(construct, 'users', {
      metadata: { name: usersSecret, namespace },
      type: 'Opaque',
      data: secretData(data),
    })
    return data
  }
}

function installation(scope: ChartScope, passwords: Input<string>): ClickHouseInstallationSpec {
  const { network, peers } = managed(scope)
  const { database } = scope.policies.storage.hot
  const { profiles, quotas } = limits(scope)
  const user = (name: 'sink' | 'analytics') => ({
    [`${name}/password_sha256_hex`]: fromSecret(name),
    [`${name}/networks/ip`]: [network, ...peers],
    [`${name}/profile`]: name,
    [`${name}/quota`]: name === 'analytics' ? 'analytics' : 'default',
  })
  // The nearest members first; the others are there for when these are gone.
  const own = keeperMembers(scope)
  const keepers = [...own].sort(
    (a, b) => Number(b.region === scope.context.region) - Number(a.region === scope.context.region),
  )
  const storage = scope.policy.sizes.clickhouse?.storage
  if (!storage) throw new RangeError(`environments.${scope.environment}.sizes.clickhouse has no storage.`)
  return {
    defaults: {
      replicasUseFQDN: 'yes',
      templates: { podTemplate: 'replica', dataVolumeClaimTemplate: 'data' },
    },
    configuration: {
      zookeeper: {
        nodes: keepers.map(({ host }) => ({ host, port: port(scope, 'keeper', 'keeper'), secure: 'yes' })),
        session_timeout_ms: 30_000,
        operation_timeout_ms: 10_000,
      },
      users: {
        ...user('sink'),
        'sink/grants/query': sinkGrants(database),
        ...user('analytics'),
        'analytics/grants/query': [`GRANT SELECT ON ${database}.*`],
        // The vendor's user without a password may not come from anywhere.
        'default/networks/ip': ['127.0.0.1'],
      },
      profiles,
      quotas,
      settings: { max_server_memory_usage_to_ram_ratio: 0.85, max_concurrent_queries: 200 },
      files: serverFiles(scope),
      clusters: [
        {
          name: regionCluster,
          secure: 'yes',
          insecure: 'no',
          pdbManaged: 'yes',
          pdbMaxUnavailable: 1,
          layout: { shardsCount: 1, replicasCount: bounds(scope, service).min },
        },
      ],
    },
    templates: {
      podTemplates: [
        {
          name: 'replica',
          podDistribution: [{ type: 'ClickHouseAntiAffinity', topologyKey: 'topology.kubernetes.io/zone' }],
          metadata: {
            labels: { ...commonLabels(scope), ...podLabels(service) },
            annotations: {
              // Users are read when a server starts.
              'neurodefender.io/files': asText(passwords),
              'traffic.sidecar.istio.io/excludeInboundPorts': unmeshedPorts(scope),
              'traffic.sidecar.istio.io/excludeOutboundPorts': unmeshedPorts(scope),
            },
          },
          spec: podSpecJson(replicaPod(scope)),
        },
      ],
      volumeClaimTemplates: [
        {
          name: 'data',
          reclaimPolicy: 'Retain',
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: storageClass(scope),
            resources: { requests: { storage } },
          },
        },
      ],
    },
  }
}

function managed(scope: ChartScope) {
  const { cluster } = scope.context
  if (cluster.kind !== 'managed') throw new RangeError('The hot tier of an embedded cluster is the chart ClickHouse.')
  return cluster
}

/** The pod of one replica under the restricted profile; the operator adds its files and ports. */
function replicaPod(scope: ChartScope): k8s.PodSpec {
  const size = scope.policy.sizes.clickhouse
  const image = scope.context.images['clickhouse-server']
  if (!size || !image) throw new RangeError("The hot tier needs the image 'clickhouse-server' and a size.")
  const { startup, grace } = nodeOf(scope, service)
  const question = { kind: 'https', port: port(scope, service, 'clickhouse'), path: '/ping' } as const
  return {
    serviceAccountName: service,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: Number.parseInt(grace, 10),
    securityContext: securityOf(clickhouseUser),
    ...placement(scope, size),
    containers: [
      {
        name: 'clickhouse',
        image,
        imagePullPolicy: 'IfNotPresent',
        env: [
          { name: 'ND_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: hostVariable, value: `$(ND_POD).${internalDomain(scope, scope.context.region)}` },
          {
            name: replicaPasswordVariable,
            valueFrom: { secretKeyRef: { name: usersSecret, key: 'replica' } },
          },
          // The image would write a user file of its own.
          { name: 'CLICKHOUSE_SKIP_USER_SETUP', value: '1' },
        ],
        ...kubeletProbes({ alive: question, ready: question }, startup),
        resources: resources(size),
        securityContext: containerSecurity,
        volumeMounts: [
          { name: 'data', mountPath: '/var/lib/clickhouse' },
          { name: 'tls', mountPath: mounted('tls'), readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'log', mountPath: '/var/log/clickhouse-server' },
        ],
      },
    ],
    volumes: [
      { name: 'tls', secret: { secretName: `${service}-tls`, defaultMode: 0o440 } },
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      { name: 'log', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
    ],
  }
}
