import type { Input } from '@pulumi/pulumi'
import type { Construct } from 'constructs'
import { bytes } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { address, mounted, port } from '../names.ts'
import { derive } from '../output-resolver.ts'
import { replicas } from '../replicas.ts'
import { Workload } from '../workload/workload.ts'
import { RegionChart } from './region-chart.ts'

/** Where the second cache level answers, and who vouches for it: the region's authority, or those that Node knows. */
export function redisEnv(scope: ChartScope): Readonly<Record<string, Input<string>>> {
  const { cluster } = scope.context
  if (cluster.kind === 'embedded') return { ND_REDIS_URL: `rediss://${address(scope, 'redis', 'redis')}` }
  const url = derive([cluster.cache.host], (host) => `rediss://${host}:${cluster.cache.port}`)
  return { ND_REDIS_URL: url, ND_REDIS_CA: 'system' }
}

/** A cache and nothing else: what is evicted or lost is only slower. */
function configuration(scope: ChartScope): string {
  const memory = Math.floor(bytes(scope.policy.sizes.redis?.memory ?? '64Mi') * 0.7)
  return [
    'port 0',
    `tls-port ${port(scope, 'redis', 'redis')}`,
    'bind * -::*',
    `tls-cert-file ${mounted('tls', 'tls.crt')}`,
    `tls-key-file ${mounted('tls', 'tls.key')}`,
    `tls-ca-cert-file ${mounted('tls', 'ca.crt')}`,
    'tls-auth-clients no',
    'tls-protocols TLSv1.3',
    `maxmemory ${memory}`,
    'maxmemory-policy allkeys-lfu',
    'save ""',
    'appendonly no',
    'dir /tmp',
    'timeout 300',
    `include ${mounted('password', 'password.conf')}`,
    '',
  ].join('\n')
}

/** The kubelet asks without a password: an answer that asks for one is a sign of life, and the command succeeds. */
const ping = (scope: ChartScope): readonly string[] => [
  ...['/usr/bin/redis-cli', '--tls', '--cacert', mounted('tls', 'ca.crt')],
  ...['-h', 'localhost', '-p', `${port(scope, 'redis', 'redis')}`, 'ping'],
]

/** The second cache level: one cache per pod, none of which is told of the others. */
export class Redis extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'redis', scope)
    const alive = { kind: 'exec', command: ping(scope) } as const
    const ready = { kind: 'tcp', port: port(scope, 'redis', 'redis') } as const
    new Workload(this, scope, {
      service: 'redis',
      kind: 'stateful',
      replicas: replicas(scope, 'redis'),
      config: { 'redis.conf': configuration(scope) },
      secrets: {
        password: { 'password.conf': derive([scope.context.secrets.redis], (password) => `requirepass ${password}\n`) },
      },
      args: [mounted('config', 'redis.conf')],
      probes: { alive, ready },
    })
  }
}
