import { type Fixture, object } from '../../../testing/fixture.ts'

const mesh = object('security.istio.io/v1', 'PeerAuthentication', 'istio-system/default', {
  spec: { mtls: { mode: 'STRICT' } },
})
const siem = object('v1', 'Namespace', 'siem')
const policy = (place: string, spec: object) => object('security.istio.io/v1', 'AuthorizationPolicy', place, { spec })
const edge = policy('siem/collector', {
  selector: { matchLabels: { app: 'collector' } },
  rules: [{ from: [{ source: { principals: ['cluster.local/ns/edge/sa/gateway'] } }] }],
})

export const fixture: Fixture = {
  good: [
    [mesh, siem, policy('istio-system/deny-all', {}), edge],
    [mesh, siem, policy('siem/deny-all', {}), edge],
    [siem],
  ],
  bad: [
    {
      resources: [mesh, siem, edge],
      says: ['The namespace should have an AuthorizationPolicy with an empty spec, which denies all.'],
    },
    {
      resources: [mesh, policy('istio-system/deny-all', {}), policy('siem/collector', { rules: [{}] })],
      says: ['spec.rules should name callers; an empty rule lets everybody in.'],
    },
  ],
}
