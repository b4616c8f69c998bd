import { latencyBounds } from '../../../../policies/latencies.ts'
import { mounted } from '../../names.ts'
import { istioNamespace } from '../../operators/istio-names.ts'
import { gatewayOf } from '../identity.ts'
import { ports } from './ports.ts'
import type { LocalMeshScope } from './scope.ts'

/** How long a proxy that goes still serves. */
export const drainTime = '6s'
export const drainPath = '/drain'

const type = (name: string): string => `type.googleapis.com/${name}`
const manager = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'
const http2 = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

const at = (address: string, port: number) => ({ socket_address: { address, port_value: port } })

const files = {
  certificate_chain: { filename: mounted('tls', 'tls.crt') },
  private_key: { filename: mounted('tls', 'tls.key') },
}
const authority = { filename: mounted('tls', 'ca.crt') }

const filter = (name: string, config: object = {}) => ({ name: `envoy.filters.http.${name}`, typed_config: config })

const router = filter('router', { '@type': type('envoy.extensions.filters.http.router.v3.Router') })

interface Route {
  readonly path: string
  /** What it is at the proxy's administration. */
  readonly to: string
}

/** A listener of the proxy's own, which lets through to its administration what one route says, and nothing else. */
const ownListener = (name: string, port: number, { path, to }: Route, filters: readonly object[], tls?: object) => ({
  name,
  address: at('0.0.0.0', port),
  filter_chains: [
    {
      ...(tls ? { transport_socket: tls } : {}),
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type': type(manager),
            stat_prefix: name,
            http_filters: [...filters, router],
            route_config: {
              virtual_hosts: [
                {
                  name,
                  domains: ['*'],
                  routes: [{ match: { path }, route: { cluster: 'administration', prefix_rewrite: to } }],
                },
              ],
            },
          },
        },
      ],
    },
  ],
})

/**
 * How the proxy is told to go: it answers each caller that its connection ends, and the kubelet only when that has had its time. Envoy takes
 * the order as a POST and answers at once, and the kubelet can only ask: so a few lines pass the order on, and a delay holds the answer. Nobody
 * but the node may ask.
 */
const drainFilters = (nodeAddress: string) => [
  filter('rbac', {
    '@type': type('envoy.extensions.filters.http.rbac.v3.RBAC'),
    rules: {
      action: 'ALLOW',
      policies: {
        node: {
          permissions: [{ any: true }],
          principals: [{ direct_remote_ip: { address_prefix: nodeAddress, prefix_len: 32 } }],
        },
      },
    },
  }),
  filter('lua', {
    '@type': type('envoy.extensions.filters.http.lua.v3.Lua'),
    default_source_code: {
      inline_string: `function envoy_on_request(handle)
  handle:httpCall("administration", { [":method"] = "POST", [":path"] = "/drain_listeners?graceful&skip_exit", [":authority"] = "proxy" }, "", 1000)
end`,
    },
  }),
  filter('fault', {
    '@type': type('envoy.extensions.filters.http.fault.v3.HTTPFault'),
    delay: { fixed_delay: drainTime, percentage: { numerator: 100 } },
  }),
]

/** Only who shows a certificate of the region's authority reads the figures. */
const metricsTls = {
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': type('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
    require_client_certificate: true,
    common_tls_context: { tls_certificates: [files], validation_context: { trusted_ca: authority } },
  },
}

const discoveryName = (scope: LocalMeshScope): string => `istiod.${istioNamespace}.svc.${scope.context.domain}`

/** The control plane: it knows the proxy by its certificate, and the proxy knows it by its name. */
const discovery = (scope: LocalMeshScope) => ({
  name: 'discovery',
  type: 'STRICT_DNS',
  dns_lookup_family: 'V4_ONLY',
  connect_timeout: '1s',
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': type('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
      sni: discoveryName(scope),
      common_tls_context: {
        alpn_protocols: ['h2'],
        tls_certificates: [files],
        validation_context: {
          trusted_ca: authority,
          match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: discoveryName(scope) } }],
        },
      },
    },
  },
  typed_extension_protocol_options: {
    [http2]: {
      '@type': type(http2),
      explicit_http_config: {
        // A control plane that is gone without a word is noticed.
        http2_protocol_options: { connection_keepalive: { interval: '5s', timeout: '5s' } },
      },
    },
  },
  load_assignment: {
    cluster_name: 'discovery',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: at(discoveryName(scope), ports.discovery) } }] }],
  },
})

const administration = {
  name: 'administration',
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: {
    cluster_name: 'administration',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: at('127.0.0.1', ports.admin) } }] }],
  },
}

/**
 * What Envoy starts with: who it is to Istio (a gateway of the region), where its control plane is, and listeners of its own for the kubelet and
 * Prometheus. Listeners, routes, clusters, pods and certificates come from the control plane. Its own id is an argument, for it holds the
 * pod's name and address.
 */
export function bootstrap(scope: LocalMeshScope): object {
  const { name, namespace, labels } = gatewayOf('ingress')
  return {
    node: {
      cluster: `${name}.${namespace}`,
      locality: { region: scope.context.region },
      metadata: {
        NAMESPACE: namespace,
        SERVICE_ACCOUNT: name,
        CLUSTER_ID: 'Kubernetes',
        MESH_ID: scope.context.domain,
        ISTIO_VERSION: scope.policies.operators.charts.istiod.app,
        LABELS: labels,
      },
    },
    admin: { address: at('127.0.0.1', ports.admin) },
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: 'discovery',
              // Left to itself it would notice a control plane that is back after half a minute.
              retry_policy: { retry_back_off: { base_interval: '0.2s', max_interval: '1s' } },
            },
          },
        ],
      },
      // It is ready when it has its program, however long that takes.
      lds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
      cds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
    },
    static_resources: {
      listeners: [
        ownListener('drain', ports.drain, { path: drainPath, to: '/ready' }, drainFilters(scope.cluster.nodeAddress)),
        ownListener('ready', ports.ready, { path: '/healthz/ready', to: '/ready' }, []),
        ownListener('metrics', ports.metrics, { path: '/metrics', to: '/stats/prometheus' }, [], metricsTls),
      ],
      clusters: [discovery(scope), administration],
    },
    stats_config: {
      // The canary controller compares subsets at these; Envoy's own are too far apart for that.
      histogram_bucket_settings: [{ match: { suffix: 'upstream_rq_time' }, buckets: latencyBounds(scope.policies) }],
      use_all_default_tags: false,
      // Istio ends a cluster's name, which has dots in it, with a semicolon.
      stats_tags: [
        { tag_name: 'envoy.cluster_name', regex: '^cluster(\\.(.+);)' },
        ...['response_code', 'response_code_class', 'http_conn_manager_prefix', 'listener_address'].map((tag) => ({
          tag_name: `envoy.${tag}`,
        })),
      ],
    },
    // Connections that a client leaves open are not a reason to run out of them.
    overload_manager: {
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: {
            '@type': type('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig'),
            max_active_downstream_connections: scope.policies.traffic.calls['ml-inference']?.connections.most,
          },
        },
      ],
    },
  }
}
