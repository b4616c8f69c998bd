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
const says = (port: number) => [
  `Port ${port} should not be open to the world: a public load balancer listens on 443 alone.`,
]

export const fixture: Fixture = {
  good: [
    service([443], 'internet-facing'),
    service([15443], 'internal'),
    service([15443], 'internet-facing', { loadBalancerSourceRanges: ['10.33.0.0/16'] }),
    service([9090], 'internet-facing', { type: 'ClusterIP' }),
    chart([443], 'internet-facing'),
  ],
  bad: [
    { resources: service([443, 15021], 'internet-facing'), says: says(15021) },
    { resources: service([80], 'internet-facing', { loadBalancerSourceRanges: ['0.0.0.0/0'] }), says: says(80) },
    { resources: chart([15021, 443], 'internet-facing'), says: says(15021) },
  ],
}
