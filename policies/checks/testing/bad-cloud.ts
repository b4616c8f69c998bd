import type { BadFixture } from './bad.ts'

/** Contradictions in what a region of the cloud is made of. */
export const badCloud: readonly BadFixture[] = [
  {
    rule: 'addresses',
    change: { 'cloud.prod.network': 1, 'regions.us-west-2.cloud': { network: 16, zones: ['a', 'a', 'c'] } },
    says: [
      'cloud.prod.network (1) must differ from cloud.staging.network: no two environments share addresses.',
      'regions.us-west-2.cloud.network (16) must be a whole number from 1 to 15.',
      'regions.us-west-2.cloud.zones (["a","a","c"]) must be three different letters.',
    ],
  },
  {
    rule: 'links',
    change: { 'links.1.replication': 'sync', 'links.2.to': 'us-east-1', 'links.0.from': 'local' },
    says: [
      'links.0.from (local) must be a region of the cloud.',
      "links.1.replication (sync) must be 'async': 3 round trips of 70ms from us-east-1 to us-west-2 do not fit into objectives.ingest.latencyP99 (100ms).",
      'environments.staging.regions (us-east-2) must be reached by a link from us-east-1, which leads: its data has no copy there otherwise.',
      'environments.prod.regions (us-east-2) must be reached by a link from us-east-1, which leads: its data has no copy there otherwise.',
    ],
  },
  {
    rule: 'coordination',
    change: {
      'cloud.prod.clickhouse': { keepers: { primary: 3, secondary: 1, dr: 1 }, insertQuorum: 2 },
      'cloud.staging.kafka.brokers': 2,
      'cloud.prod.kafka.brokers': 33,
    },
    says: [
      'cloud.staging.kafka.brokers (2) must be a multiple of the three zones, and at least the 3 copies of a record.',
      'cloud.prod.clickhouse.keepers ({"primary":3,"secondary":1,"dr":1}) must be an odd number of members, and in no region half of them or more.',
      "cloud.prod.clickhouse.insertQuorum (2) must be from 4 to 5: more copies than one region has, and one less than the regions joined by a 'sync' link have, so that one may be lost and no write waits for a region that is behind.",
      "cloud.prod.kafka.brokers (33) must be at most 30, the account's quota.",
    ],
  },
  {
    rule: 'coordination',
    change: {
      'cloud.prod.kafka.brokers': 3,
      'topics.audit': { dataClass: 'events', partitioning: 'tenant', retention: '7d', maxRecord: '1Mi' },
      'environments.prod.kafka.replicas': 6,
    },
    says: [
      'cloud.prod.kafka.brokers (3) must be a multiple of the three zones, and at least the 6 copies of a record.',
      'cloud.prod.kafka.brokers (3) must be at least 7: each has 2056 partitions, and AWS recommends 1000.',
    ],
  },
  {
    rule: 'warm-headroom',
    change: {
      'cloud.prod.kubernetes.headroom.ml-inference': undefined,
      'cloud.staging.kubernetes.headroom': {
        'ml-inference': { pods: 3 },
        'event-collector': { pods: 4 },
        'hot-sink': { pods: 2.5 },
        analytics: { pods: 3 },
        zookeeper: { pods: 1 },
      },
    },
    says: [
      'cloud.staging.kubernetes.headroom.hot-sink.pods (2.5) must be a whole number from 1.',
      'cloud.staging.kubernetes.headroom.zookeeper (zookeeper) must be a service with a size.',
      "cloud.staging.kubernetes.headroom.event-collector.pods (4) must be at least 6, the largest step of scaling.event_collector: a new machine of the pool 'general' takes 90s, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
      "cloud.staging.kubernetes.headroom.hot-sink.pods (2.5) must be at least 3, the largest step of scaling.hot_sink: a new machine of the pool 'general' takes 90s, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
      "cloud.prod.kubernetes.headroom.ml-inference.pods (undefined) must be at least 3, the largest step of scaling.ml_inference: a new machine of the pool 'gpu' takes 4m, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (2m).",
    ],
  },
  {
    rule: 'pools-within-limits',
    change: { 'scaling.ml_inference.actions.max_replicas': 40 },
    says: [
      'cloud.staging.kubernetes.pools.gpu.limits.cpu (56) must be at least 172: all services at their most replicas, with their warm headroom.',
      'cloud.staging.kubernetes.pools.gpu.limits.memory (224Gi) must be at least 688Gi: all services at their most replicas, with their warm headroom.',
      'cloud.staging.kubernetes.pools.gpu.limits.gpu (14) must be at least 43: all services at their most replicas, with their warm headroom.',
      'cloud.prod.kubernetes.pools.gpu.limits.cpu (56) must be at least 172: all services at their most replicas, with their warm headroom.',
      'cloud.prod.kubernetes.pools.gpu.limits.memory (224Gi) must be at least 688Gi: all services at their most replicas, with their warm headroom.',
      'cloud.prod.kubernetes.pools.gpu.limits.gpu (14) must be at least 43: all services at their most replicas, with their warm headroom.',
    ],
  },
  {
    rule: 'pools-within-limits',
    change: {
      'cloud.prod.kubernetes.pools.general.instances': ['m7g.xlarge', 'z9.large'],
      'cloud.prod.kubernetes.pools.general.limits.cpu': '600',
      'environments.staging.sizes.clickhouse.memory': '512Gi',
    },
    says: [
      'environments.staging.sizes.clickhouse ({"cpu":"8","memory":"512Gi","storage":"2Ti"}) must fit on one machine of the pool \'data\'.',
      'cloud.prod.kubernetes.pools.general.instances.0 (m7g.xlarge) must be a type that policies/model/instances.ts knows, of the architecture amd64.',
      'cloud.prod.kubernetes.pools.general.instances.1 (z9.large) must be a type that policies/model/instances.ts knows, of the architecture amd64.',
      "cloud.prod.serviceQuotas.standardVcpu (640) must be at least 702: the pools may start as many. Ask AWS for a larger quota first, or lower the pools' limits.",
    ],
  },
  {
    rule: 'cluster',
    change: {
      'cloud.prod.kubernetes.version': '1.35',
      'cloud.prod.kubernetes.addons.coredns': 'latest',
      'cloud.prod.kubernetes.system': { instance: 'm1.tiny', count: 2 },
      'cloud.staging.kubernetes.version': '1.34.1',
    },
    says: [
      "cloud.staging.kubernetes.version (1.34.1) must be a minor version, such as '1.34'.",
      'cloud.staging.kubernetes.addons.kube-proxy (v1.34.1-eksbuild.2) must be of cloud.staging.kubernetes.version (1.34.1).',
      "cloud.prod.kubernetes.addons.coredns (latest) must be a whole version, such as 'v1.2.3-eksbuild.1'.",
      'cloud.prod.kubernetes.addons.kube-proxy (v1.34.1-eksbuild.2) must be of cloud.prod.kubernetes.version (1.35).',
      'cloud.prod.kubernetes.system.instance (m1.tiny) must be a type that policies/model/instances.ts knows.',
      'cloud.prod.kubernetes.system.count (2) must be at least 3: one machine in each zone.',
    ],
  },
]
