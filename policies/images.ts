import type { ImagePolicy } from './model/image.ts'

/**
 * Every image of a region of the cloud. The digests of vendors were taken from public records of deployments; CI compares each with what
 * the vendor's registry says of the version before it copies anything.
 */
export const images = {
  analytics: { from: 'sources' },
  'event-collector': { from: 'sources' },
  'hot-sink': { from: 'sources' },
  'correlation-engine': { from: 'sources' },
  'shard-manager': { from: 'sources' },
  'ml-inference': { from: 'sources' },
  operator: { from: 'sources' },
  forecaster: { from: 'sources' },
  topics: { from: 'sources' },
  prometheus: { from: 'sources' },
  alertmanager: { from: 'sources' },
  pause: { from: 'sources' },
  'clickhouse-server': {
    from: 'vendor',
    source: 'docker.io/clickhouse/clickhouse-server',
    version: '25.3.14.14',
    digest: 'sha256:b627d7a9bc0e0c1bac26cdbe9d2fc6316faa29c5d8a174f28f5abd57d0fa6ba2',
  },
  'clickhouse-keeper': {
    from: 'vendor',
    source: 'docker.io/clickhouse/clickhouse-keeper',
    version: '25.3.14.14',
    digest: 'sha256:2c8b97bb628999adfa597172091ce495304e0a260d791fe6e475d64a314193b4',
  },
  elasticsearch: {
    from: 'vendor',
    source: 'docker.elastic.co/elasticsearch/elasticsearch',
    version: '9.4.1',
    digest: 'sha256:268f65f1b32ea367e49c9be2acab144011b8c66c462c890f6190707743199050',
  },
} as const satisfies Record<string, ImagePolicy>
