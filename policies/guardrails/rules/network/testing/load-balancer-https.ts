import { type Fixture, object } from '../../../testing/fixture.ts'

const annotations = (value: string) => ({ 'service.beta.kubernetes.io/aws-load-balancer-scheme': value })
const service = (ports: readonly number[], value: string, spec: object = {}) => [
  object('v1', 'Service', 'edge/gateway', {
    metadata: { annotations: annotations(value) },
    spec: { type: 'LoadBalancer', ports: ports.map((port) => ({ port })), ...spec },
  }),
]
const chart = (ports: readonly number[], value: string) => [
  object('helm.sh/v3', 'Release', 'edge/gateway', {
    values: {
      service: { type: 'LoadBalancer', annotations: annotations(value), ports: ports.map((port) => ({ port })) },
    },
  }),
]
const ingress = (scheme: string, ports?: string) => [
  object('networking.k8s.io/v1', 'Ingress', 'edge/gateway', {
    metadata: {
      annotations: {
        'alb.ingress.kubernetes.io/scheme': scheme,
        ...(ports === undefined ? {} : { 'alb.ingress.kubernetes.io/listen-ports': ports }),
      },
    },
  }),
]
const https =
  'alb.ingress.kubernetes.io/listen-ports should be [{"HTTPS":443}]: a public load balancer listens for HTTPS alone.'
const says = (port: number) => [
  `Port ${port} should not be open to the world: a public load balancer listens on 443 and 6514 alone.`,
]

export const fixture: Fixture = {
  good: [
    service([443], 'internet-facing'),
    service([6514], 'internet-facing'),
    service([15443], 'internal'),
    service([15443], 'internet-facing', { loadBalancerSourceRanges: ['10.33.0.0/16'] }),
    service([9090], 'internet-facing', { type: 'ClusterIP' }),
    chart([443], 'internet-facing'),
    ingress('internet-facing', '[{"HTTPS": 443}]'),
    ingress('internal', '[{"HTTP": 80}]'),
  ],
  bad: [
    { resources: ingress('internet-facing', '[{"HTTP":80},{"HTTPS":443}]'), says: [https] },
    { resources: ingress('internet-facing'), says: [https] },
    { resources: service([443, 15021], 'internet-facing'), says: says(15021) },
    { resources: service([80], 'internet-facing', { loadBalancerSourceRanges: ['0.0.0.0/0'] }), says: says(80) },
    { resources: chart([15021, 443], 'internet-facing'), says: says(15021) },
  ],
}
