import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { bytes } from '../../../../policies/model/units.ts'
import type { ChartScope } from '../../context.ts'
import { mounted, nodeOf, podLabels, port } from '../../names.ts'
import { Workload } from '../../workload/workload.ts'
import { RegionChart } from '../region-chart.ts'
import { hostnameAnnotation, internalDomain, keeperMembers } from './copies.ts'
import { configuration } from './xml.ts'

const file = '/etc/clickhouse-keeper/keeper_config.xml'
const dataPath = '/var/lib/clickhouse-keeper'
/** The user of the vendor's images. */
export const clickhouseUser = 101

/**
 * TLS of a server of ClickHouse and of what it calls. `strict`: a caller must show a certificate of the environment's authority;
 * `relaxed`: one that it shows must be good. Files that are replaced are read again.
 */
export function tlsConfiguration(callers: 'strict' | 'relaxed') {
  const own = {
    certificateFile: mounted('tls', 'tls.crt'),
    privateKeyFile: mounted('tls', 'tls.key'),
    caConfig: mounted('tls', 'ca.crt'),
    loadDefaultCAFile: false,
    disableProtocols: 'sslv2,sslv3,tlsv1,tlsv1_1',
  }
  return { server: { ...own, verificationMode: callers }, client: { ...own, verificationMode: 'strict' } }
}

/** Configuration of one member of the quorum, which spans all regions of the environment. */
export function keeperConfiguration(scope: ChartScope, ordinal: number): string {
  const all = keeperMembers(scope)
  const own = all.filter(({ region }) => region === scope.context.region)[ordinal]
  const size = scope.policy.sizes.keeper
  if (!own || !size)
    throw new RangeError(`There is no Keeper ${ordinal} in ${scope.context.region}, or it has no size.`)
  return configuration({
    logger: { level: 'information', console: true, log: { $: { remove: 'remove' } } },
    listen_host: '::',
    max_memory_usage_soft_limit: Math.floor(bytes(size.memory) * 0.8),
    keeper_server: {
      tcp_port_secure: port(scope, 'keeper', 'keeper'),
      server_id: own.id,
      log_storage_path: `${dataPath}/log`,
      snapshot_storage_path: `${dataPath}/snapshots`,
      coordination_settings: {
        // A packet to the farthest member and back fits into a heartbeat many times.
        heart_beat_interval_ms: 500,
        election_timeout_lower_bound_ms: 2_000,
        election_timeout_upper_bound_ms: 4_000,
        operation_timeout_ms: 10_000,
        session_timeout_ms: 30_000,
        raft_logs_level: 'information',
      },
      raft_configuration: {
        secure: true,
        server: all.map(({ id, host, priority }) => ({
          id,
          hostname: host,
          port: port(scope, 'keeper', 'raft'),
          priority,
        })),
      },
    },
    openSSL: tlsConfiguration('strict'),
  })
}

/** Between the restarts of two members: long enough that the first has long caught up. */
const apart = 4 * 3_600

/**
 * Whether a member is alive: its port listens, and the certificate that it started with is still the one in its folder. The protocol
 * among members never reads a certificate again (ClickHouse 25.3, issue 89670; later versions do), so a member is started anew after its
 * certificate was replaced: one after the other over the whole quorum, all well before the old one ends.
 */
export function aliveScript(scope: ChartScope): string {
  const first = keeperMembers(scope).findIndex(({ region }) => region === scope.context.region)
  const socket = port(scope, 'keeper', 'keeper').toString(16).padStart(4, '0')
  return [
    `grep -qi ':${socket} ' /proc/net/tcp6 /proc/net/tcp || exit 1`,
    'now=$(date +%s)',
    // Processes count from the machine's start, in hundredths of a second.
    "started=$((now - $(cut -d. -f1 /proc/uptime) + $(cut -d' ' -f22 /proc/1/stat) / 100))",
    `replaced=$(stat -L -c %Y ${mounted('tls', 'tls.crt')})`,
    `turn=$(((${first} + \${ND_POD##*-}) * ${apart}))`,
    '[ $replaced -le $started ] || [ $((now - replaced)) -lt $turn ]',
  ].join('\n')
}

/**
 * The members of the coordination quorum that are in this region: a Workload of ours and no resource of the operator, which knows
 * only members of one cluster and writes their list itself.
 */
export class Keeper extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'keeper', scope)
    const here = keeperMembers(scope).filter(({ region }) => region === scope.context.region)
    const ready = { kind: 'tcp', port: port(scope, 'keeper', 'keeper') } as const
    const alive = { kind: 'exec', command: ['sh', '-c', aliveScript(scope)] } as const
    const hostname = internalDomain(scope, scope.context.region)
    new Workload(this, scope, {
      service: 'keeper',
      kind: 'stateful',
      image: 'clickhouse-keeper',
      replicas: here.length,
      user: clickhouseUser,
      dataPath,
      config: Object.fromEntries(here.map((_, i) => [`keeper-${i}.xml`, keeperConfiguration(scope, i)])),
      perPod: { [file]: '$(ND_POD).xml' },
      certificateNames: here.map(({ host }) => host),
      probes: { alive, ready },
    })
    const { namespace } = nodeOf(scope, 'keeper')
    new k8s.KubeService(this, 'members', {
      metadata: { name: 'keeper-members', namespace, annotations: hostnameAnnotation(hostname) },
      // Members find each other before they are ready: none is, before a quorum is there.
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector: podLabels('keeper'),
        ports: (['keeper', 'raft'] as const).map((name) => ({
          name,
          port: port(scope, 'keeper', name),
          targetPort: k8s.IntOrString.fromString(name),
          protocol: 'TCP',
        })),
      },
    })
  }
}
