import { type Fixture, object } from '../../../testing/fixture.ts'

const policy = (spec: object) => [
  object('security.istio.io/v1', 'PeerAuthentication', 'istio-system/default', { spec }),
]

export const fixture: Fixture = {
  good: [policy({ mtls: { mode: 'STRICT' } })],
  bad: [
    {
      resources: policy({ mtls: { mode: 'PERMISSIVE' } }),
      says: ["spec.mtls.mode should be 'STRICT'; it is 'PERMISSIVE'."],
    },
    {
      resources: policy({ mtls: { mode: 'STRICT' }, portLevelMtls: { 9443: { mode: 'DISABLE' } } }),
      says: ["spec.portLevelMtls.9443.mode should be 'STRICT'; it is 'DISABLE'."],
    },
    { resources: policy({}), says: ["spec.mtls.mode should be 'STRICT'; it is not set."] },
  ],
}
