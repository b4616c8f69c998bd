import type { ServiceName } from '../../../policies/services.ts'
import { services } from '../../../policies/services.ts'
import type { ChartContext, EmbeddedCluster } from '../context.ts'

const images = [
  'coredns',
  'kafka',
  'redis',
  'prometheus',
  'clickhouse',
  'event-collector',
  'hot-sink',
  'analytics',
  'topics',
  'clickhouse-server',
  'clickhouse-keeper',
  'elasticsearch',
  'pause',
  'correlation-engine',
  'shard-manager',
  'istiod',
  'envoy',
  'operator',
  'forecaster',
  'ml-inference',
  'keda-operator',
  'keda-adapter',
  'alertmanager',
]

/** A context of plain values that are nobody's secrets. */
export const testContext: ChartContext = {
  region: 'local',
  domain: 'cluster.local',
  cluster: {
    kind: 'embedded',
    nodeName: 'local-0',
    nodeAddress: '10.180.0.1',
    dnsAddress: '10.180.128.10',
    volumes: '/state/local/volumes',
  },
  images: Object.fromEntries(
    images.map((name, i) => [name, `localhost/neurodefender/${name}@sha256:${`${i}`.repeat(64).slice(0, 64)}`]),
  ),
  secrets: {
    authority: 'authority certificate\n',
    certificates: Object.fromEntries(
      (Object.keys(services) as ServiceName[]).map((service) => [
        service,
        { certificate: `${service} certificate\n`, key: `${service} key\n` },
      ]),
    ),
    clickhouse: { sink: 'sink password', analytics: 'analytics password' },
    redis: 'redis password',
    prometheus: 'prometheus password',
    prometheusBcrypt: '$2b$10$hash',
    tenants: '{"tenants":[]}',
    operators: '{"operators":[]}',
  },
}

/** The same with the profile `full`. The definitions stand for Istio's and KEDA's own, which come out of files. */
export const fullContext: ChartContext = {
  ...testContext,
  cluster: {
    ...testContext.cluster,
    mesh: {
      definitions: [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'virtualservices.networking.istio.io' },
          spec: { group: 'networking.istio.io' },
        },
      ],
      certificates: {
        control: { certificate: 'control certificate\n', key: 'control key\n' },
        gateway: { certificate: 'gateway certificate\n', key: 'gateway key\n' },
      },
    },
    keda: {
      definitions: [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'scaledobjects.keda.sh' },
          spec: { group: 'keda.sh' },
        },
      ],
      certificates: {
        operator: { certificate: 'operator certificate\n', key: 'operator key\n' },
        adapter: { certificate: 'adapter certificate\n', key: 'adapter key\n' },
      },
    },
  } as EmbeddedCluster,
}

/** The same in a cloud. */
export const cloudContext: ChartContext = {
  ...testContext,
  region: 'us-east-1',
  cluster: {
    kind: 'managed',
    storageClass: 'gp3',
    name: 'nd-prod-us-east-1',
    network: '10.33.0.0/16',
    peers: ['10.34.0.0/16', '10.35.0.0/16'],
    kafka: 'b-1.kafka.example:9098,b-2.kafka.example:9098,b-3.kafka.example:9098',
    cache: { host: 'master.cache.example', port: 6379 },
    nodeRole: 'nd-prod-us-east-1-node',
    authority: { arn: 'arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1', region: 'us-east-1' },
    backups: 'nd-prod-us-east-1-backups',
    models: 'nd-prod-us-east-1-models',
    entry: {
      certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
      webAcl: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/nd/1',
    },
  },
  secrets: {
    authority: testContext.secrets.authority,
    clickhouse: { ...testContext.secrets.clickhouse, replica: 'replica password' },
    redis: testContext.secrets.redis,
    prometheus: 'prometheus password',
    prometheusBcrypt: testContext.secrets.prometheusBcrypt,
    tenants: testContext.secrets.tenants,
    operators: testContext.secrets.operators,
  },
}
