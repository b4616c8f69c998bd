import type { Failover } from '../../../infra/kubernetes/mesh/failover.ts'
import { toCallers } from '../../../infra/kubernetes/mesh/traffic.ts'
import { mesh } from '../../../infra/local/mesh.ts'
import { retries } from '../../../policies/calls.ts'
import type { RequestPolicy } from '../../../policies/model/traffic.ts'
import { traffic } from '../../../policies/traffic.ts'
import { port, programPod } from './pod.ts'

export const namespace = 'ngfw'
const policy: RequestPolicy = traffic.calls['ml-inference']

/** What a pod of a test answers: its subset, its name; 500 where it is to fail. It ends when nobody has been asking for a moment. */
const program = `
const server = require('node:http').createServer((request, answer) => {
  if (request.url === '/ready') return answer.end()
  answer.writeHead(process.env.FAIL ? 500 : 200)
  answer.end(process.env.SUBSET + ' ' + process.env.POD)
})
// As our own servers: later than the proxy, which must be the first to end an idle connection.
server.keepAliveTimeout = 65_000
server.listen(${port})
process.on('SIGTERM', () => server.close(() => process.exit(0)))`

export interface Group {
  readonly service: string
  readonly subset: string
  readonly pods: number
  readonly fails?: boolean
}

/** Pods that answer who they are, and wait before they go as those of every service do. `image`: any that has Node. */
export function deployment({ service, subset, pods, fails = false }: Group, image: string): object {
  const name = `${service}-${subset}${fails ? '-failing' : ''}`
  const labels = { app: service, 'neurodefender.io/subset': subset, answers: fails ? 'badly' : 'well' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: pods,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 30,
          ...programPod({
            image,
            program,
            ready: '/ready',
            cpu: '10m',
            more: {
              env: [
                { name: 'SUBSET', value: subset },
                { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                ...(fails ? [{ name: 'FAIL', value: '1' }] : []),
              ],
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
            },
          }),
        },
      },
    },
  }
}

export const service = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: port }] },
})

/** Idle connections end at the proxy first: a request that is on its way while the server ends one would be lost. */
const callers = (failover: readonly Failover[] = []) => {
  const { connectionPool, ...rest } = toCallers(policy, failover)
  return { ...rest, connectionPool: { ...connectionPool, http: { ...connectionPool.http, idleTimeout: '30s' } } }
}

const full = (name: string): string => `${name}.${namespace}.svc.cluster.local`

/** How callers of the service behave: what `policies.traffic` says of ml-inference, and its two subsets. */
export const destination = (name: string): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name, namespace },
  spec: {
    host: full(name),
    trafficPolicy: callers(),
    subsets: ['stable', 'canary'].map((subset) => ({ name: subset, labels: { 'neurodefender.io/subset': subset } })),
  },
})

/** The host under which a test's service answers at the gateway. */
export const hostOf = (name: string): string => `${name}.test`

/** `canary`: per cent. */
export const route = (name: string, canary: number): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace },
  spec: {
    hosts: [hostOf(name)],
    gateways: [`${mesh.namespace}/${mesh.gateway}`],
    http: [
      {
        route: [
          { destination: { host: full(name), subset: 'stable' }, weight: 100 - canary },
          { destination: { host: full(name), subset: 'canary' }, weight: canary },
        ],
        timeout: policy.timeout,
        retries: retries(policy.retries, { pure: true }),
      },
    ],
  },
})

export interface Place {
  readonly address: string
  readonly region: string
}

/** A service of pods in two regions, of which the second stands in for the first. */
export const placed = (name: string, places: readonly Place[], from: string, to: string): object[] => [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace },
    spec: {
      hosts: [`${name}.places`],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ name: 'http', number: port, protocol: 'HTTP' }],
      endpoints: places.map(({ address, region }) => ({ address, locality: region })),
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace },
    spec: { host: `${name}.places`, trafficPolicy: callers([{ from, to }]) },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace },
    spec: {
      hosts: [hostOf(name)],
      gateways: [`${mesh.namespace}/${mesh.gateway}`],
      http: [
        { route: [{ destination: { host: `${name}.places` } }], retries: retries(policy.retries, { pure: true }) },
      ],
    },
  },
]
