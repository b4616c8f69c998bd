import type { BadFixture } from './bad.ts'

/** Contradictions in where data lies, how it travels and what is promised. */
export const badData: readonly BadFixture[] = [
  {
    rule: 'replication',
    change: {
      'environments.local.kafka.minInSync': 2,
      'environments.staging.kafka.minInSync': 3,
      'environments.prod.kafka.partitions': 512,
      'environments.prod.redis.replicas': 1.5,
    },
    says: [
      'environments.local.kafka.minInSync (2) must be at most 1 with one broker.',
      'environments.staging.kafka.minInSync (3) must be at most 2 with 3 brokers.',
      'environments.prod.redis.replicas (1.5) must be a whole number from 1.',
      'environments.prod.kafka.partitions (512) must be at most 256: partitions are never grown in place, and more cost every client.',
    ],
  },
  {
    rule: 'high-availability',
    change: {
      'environments.prod.kafka': { replicas: 2, minInSync: 1, partitions: 256 },
      'environments.staging.clickhouse.replicas': 1,
      'environments.local.kafka': { replicas: 3, minInSync: 2, partitions: 8 },
      'environments.local.clickhouse.replicas': 2,
    },
    says: [
      'environments.staging.clickhouse.replicas (1) must be at least 2.',
      'environments.prod.kafka.replicas (2) must be at least 3.',
      'environments.prod.kafka.minInSync (1) must be at least 2.',
    ],
  },
  {
    rule: 'high-availability',
    change: {
      'environments.staging': undefined,
      'environments.local': undefined,
      'scaling.analytics.actions.max_replicas': 1,
    },
    says: ['scaling.analytics.actions.max_replicas (1) must be at least 2, or analytics cannot lose a pod.'],
  },
  {
    rule: 'regions',
    change: {
      'environments.local.regions': [],
      'environments.prod.regions': ['us-east-1', 'us-east-1', 'us-west-9'],
      'regions.us-east-2.role': 'primary',
      'regions.eu-west-1': { role: 'dr', jurisdiction: 'eu' },
    },
    says: [
      'environments.local.regions ([]) must hold exactly one primary region; it holds 0.',
      'environments.staging.regions (["us-east-1","us-east-2","us-west-2"]) must hold exactly one primary region; it holds 2.',
      'environments.prod.regions.2 (us-west-9) must be one of: local, us-east-1, us-east-2, us-west-2, eu-west-1.',
      'environments.prod.regions.1 (us-east-1) must be listed once.',
      "regions.local (local) must be in an environment's 'regions', or be deleted.",
      "regions.eu-west-1 (eu-west-1) must be in an environment's 'regions', or be deleted.",
    ],
  },
  {
    rule: 'residency',
    change: { 'regions.us-west-2.jurisdiction': 'apac', 'environments.staging': undefined, 'cloud.staging': undefined },
    says: [
      "regions.us-west-2.jurisdiction (apac) must be one that objectives.dataClasses.events.jurisdictions lists (local, us): a link copies 'events' data from us-east-1 to us-west-2 in prod (hot tier 'siem.events', topic 'events.raw', topic 'events.dead-letter', topic 'alerts', topic 'correlation.state', topic 'shards.map', topic 'shards.reports', bucket 'cold', bucket 'backups'). Take the link away, choose another region, or let the class lie there.",
      "regions.us-west-2.jurisdiction (apac) must be one that objectives.dataClasses.audit.jurisdictions lists (local, us): a link copies 'audit' data from us-east-1 to us-west-2 in prod (topic 'audit.queries', bucket 'audit'). Take the link away, choose another region, or let the class lie there.",
      "regions.us-west-2.jurisdiction (apac) must be one that objectives.dataClasses.models.jurisdictions lists (local, us, eu): a link copies 'models' data from us-east-1 to us-west-2 in prod (bucket 'models'). Take the link away, choose another region, or let the class lie there.",
    ],
  },
  {
    rule: 'residency',
    change: {
      'regions.local.jurisdiction': 'eu',
      'objectives.dataClasses.audit.jurisdictions': ['eu'],
      'cloud.staging': undefined,
      'environments.staging': undefined,
    },
    says: [
      "regions.local.jurisdiction (eu) must be one that objectives.dataClasses.events.jurisdictions lists (local, us): 'events' data arrives there in local.",
      "regions.us-east-1.jurisdiction (us) must be one that objectives.dataClasses.audit.jurisdictions lists (eu): 'audit' data arrives there in prod.",
      "regions.us-east-2.jurisdiction (us) must be one that objectives.dataClasses.audit.jurisdictions lists (eu): a link copies 'audit' data from us-east-1 to us-east-2 in prod (bucket 'audit'). Take the link away, choose another region, or let the class lie there.",
      "regions.us-west-2.jurisdiction (us) must be one that objectives.dataClasses.audit.jurisdictions lists (eu): a link copies 'audit' data from us-east-1 to us-west-2 in prod (topic 'audit.queries', bucket 'audit'). Take the link away, choose another region, or let the class lie there.",
    ],
  },
  {
    rule: 'recovery',
    change: {
      'objectives.dataClasses.events.rpo': '10m',
      'objectives.dataClasses.audit.rto': '20m',
      'buckets.models.replicated': false,
      'topics.events.raw.dataClass': 'packets',
    },
    says: [
      'topics.events.raw.dataClass (packets) must be one of: events, audit, models.',
      "objectives.dataClasses.events.rpo (10m) must be at least 15m: so far may the copy of 'buckets.cold' in us-east-2 be behind.",
      "objectives.dataClasses.events.rpo (10m) must be at least 15m: so far may the copy of 'buckets.backups' in us-east-2 be behind.",
      "objectives.dataClasses.audit.rto (20m) must be at least 30m: so long may it take until the copy of 'topics.audit.queries' in us-west-2 serves.",
      "objectives.dataClasses.audit.rto (20m) must be at least 30m: so long may it take until the copy of 'buckets.audit' in us-east-2 serves.",
      "objectives.dataClasses.models.rpo (1h) must be given up, or 'buckets.models' replicated to another region in staging.",
      "objectives.dataClasses.events.rpo (10m) must be at least 15m: so far may the copy of 'buckets.cold' in us-east-2 be behind.",
      "objectives.dataClasses.events.rpo (10m) must be at least 15m: so far may the copy of 'buckets.backups' in us-east-2 be behind.",
      "objectives.dataClasses.audit.rto (20m) must be at least 30m: so long may it take until the copy of 'topics.audit.queries' in us-west-2 serves.",
      "objectives.dataClasses.audit.rto (20m) must be at least 30m: so long may it take until the copy of 'buckets.audit' in us-east-2 serves.",
      "objectives.dataClasses.models.rpo (1h) must be given up, or 'buckets.models' replicated to another region in prod.",
    ],
  },
  {
    rule: 'slots',
    change: { 'sharding.slots': 1_000, 'environments.prod.kafka.partitions': 250 },
    says: [
      'sharding.slots (1000) must be a power of two.',
      'environments.staging.kafka.partitions (64) must divide the 1000 slots.',
    ],
  },
  {
    rule: 'slots',
    change: {
      'sharding.privateSlots': 8,
      'sharding.maxLoad': 1,
      'sharding.moves': { inFlight: 1_000, maxLag: 0.5, stalled: '5s', report: '5s' },
      'sharding.classes.isolated': { ways: 0, width: 2, alone: true, by: [] },
      'sharding.classes.giant.by': [],
    },
    says: [
      'sharding.maxLoad (1) must be above 1 (no slack, no rest) and at most 2.',
      'sharding.moves.inFlight (1000) must be a whole number from 1 to 256: a shard reports all of them in one record.',
      'sharding.moves.maxLag (0.5) must be a whole number from 1.',
      'sharding.moves.stalled (5s) must be longer than a report takes to be repeated (5s).',
      'sharding.classes.isolated.ways (0) must be a whole number from 1 to the 8 private slots.',
      'sharding.classes.isolated.width (2) must be a whole number from 1 to the 0 parts.',
      'sharding.classes.isolated.by ([]) must name a field to split by.',
      'sharding.classes.giant.ways (16) must be a whole number from 1 to the 8 private slots.',
      'sharding.classes.giant.by ([]) must name a field to split by.',
    ],
  },
  {
    rule: 'slots',
    change: { 'environments.prod.kafka.partitions': 250 },
    says: ['environments.prod.kafka.partitions (250) must divide the 4096 slots.'],
  },
  {
    rule: 'slots',
    change: { 'sharding.shards.prod': 5_000, 'sharding.shards.staging': 1.5, 'sharding.shards.local': undefined },
    says: [
      'sharding.shards.local (undefined) must be a whole number from 1 to the 4096 slots.',
      'sharding.shards.staging (1.5) must be a whole number from 1 to the 4096 slots.',
      'sharding.shards.prod (5000) must be a whole number from 1 to the 4096 slots.',
    ],
  },
  {
    rule: 'identifiers',
    change: { 'storage.hot.table': 'events; DROP', 'topics.Events Raw': { retention: '7d', maxRecord: '1Mi' } },
    says: [
      "storage.hot.table (events; DROP) must hold lower case letters, digits and '_', and not begin with a digit.",
      "topics.Events Raw (Events Raw) must be a name of lower case letters, digits, '.' and '-'.",
    ],
  },
  {
    rule: 'records-fit',
    change: {
      'objectives.ingest.maxEvent': '20Mi',
      'objectives.ingest.maxInFlight': '16Mi',
      'storage.block.maxBytes': '512Ki',
      'storage.block.maxRows': 0.5,
    },
    says: [
      'objectives.ingest.maxBody (16Mi) must be at least one event (20Mi).',
      'objectives.ingest.maxInFlight (16Mi) must be at least two bodies (16Mi).',
      'topics.events.raw.maxRecord (1Mi) must be at least two events (20Mi): a record also carries names and line numbers.',
      'topics.events.raw.maxRecord (1Mi) must be at most a block (512Ki).',
      'topics.events.dead-letter.maxRecord (1Mi) must be at least two events (20Mi): a record also carries names and line numbers.',
      'topics.events.dead-letter.maxRecord (1Mi) must be at most a block (512Ki).',
      ...['alerts', 'correlation.state', 'shards.map', 'audit.queries', 'shards.reports'].flatMap((topic) => [
        `topics.${topic}.maxRecord (1Mi) must be at least two events (20Mi): a record also carries names and line numbers.`,
        `topics.${topic}.maxRecord (1Mi) must be at most a block (512Ki).`,
      ]),
      'storage.block.maxRows (0.5) must be a whole number from 1.',
    ],
  },
  {
    rule: 'memory',
    change: { 'objectives.ingest.maxInFlight': '256Mi', 'environments.local.sizes.hot-sink.memory': '128Mi' },
    says: [
      'objectives.ingest.maxInFlight (256Mi) must fit 4 times into the memory of event-collector in local (768Mi).',
      'storage.block.maxBytes (32Mi) must fit 12 times into the memory of hot-sink in local (128Mi).',
    ],
  },
  {
    rule: 'replay-window',
    change: { 'storage.hot.deduplicationWindow': 1_000 },
    says: [
      'storage.hot.deduplicationWindow (1000) must be a whole number from 1024: 4 blocks for each partition of prod.',
    ],
  },
  {
    rule: 'retention',
    change: { 'topics.events.raw.retention': '2d', 'topics.events.dead-letter.retention': '1d' },
    says: [
      'topics.events.raw.retention (2d) must be at least 3d: a weekend without anyone.',
      'topics.events.dead-letter.retention (1d) must be at least 3d: a weekend without anyone.',
      'topics.events.dead-letter.retention (1d) must be at least that of events.raw (2d).',
    ],
  },
  {
    rule: 'cross-tenant',
    change: {
      'objectives.query.crossTenant': { minTenants: 2, largestShare: 0.9, grain: '1m', questionsPerDay: 1.5 },
      'topics.audit.queries.retention': '30d',
    },
    says: [
      'objectives.query.crossTenant.minTenants (2) must be a whole number from 3.',
      'objectives.query.crossTenant.largestShare (0.9) must be at most 0.5: a group that is mostly one tenant is that tenant.',
      'objectives.query.crossTenant.grain (1m) must be at least 1h.',
      'objectives.query.crossTenant.questionsPerDay (1.5) must be a whole number from 1.',
      'topics.audit.queries.retention (30d) must be at least as long as audit data is locked (400d).',
    ],
  },
  {
    rule: 'cache-levels',
    change: { 'caching.l1': { ttl: '60s', maxEntries: 2.5 }, 'caching.l2.timeout': '90s' },
    says: [
      "caching.l1.ttl (60s) must be shorter than the second level's (60s).",
      'caching.l2.timeout (90s) must be shorter than the first level keeps an answer (60s).',
      'caching.l1.maxEntries (2.5) must be a whole number from 1.',
    ],
  },
  {
    rule: 'grace',
    change: { 'services.event-collector.grace': '15s', 'objectives.query.timeout': '20s' },
    says: [
      'services.event-collector.grace (15s) must be at least twice objectives.ingest.ackTimeout (10s).',
      'services.analytics.grace (30s) must be at least twice objectives.query.timeout (20s).',
    ],
  },
  {
    rule: 'promises',
    change: {
      'objectives.ingest.latencyP99': '10s',
      'environments.prod.tenantQuota.burst': 15_000,
    },
    says: [
      'objectives.ingest.latencyP99 (10s) must be shorter than the time after which a request is given up (10s).',
      'environments.prod.tenantQuota.burst (15000) must be a whole number from 20000: one second of 20000/s, and one full request (10000 events).',
    ],
  },
]
