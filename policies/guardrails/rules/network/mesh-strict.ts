import { type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { ofKind } from '../../model/kubernetes.ts'
import { at, fields } from '../../model/resource.ts'

export const meshStrict: Guardrail = {
  name: 'mesh-strict',
  title: 'Nobody in the mesh takes a call without a certificate',
  severity: 'critical',
  frameworks: ['NSA Kubernetes Hardening: network separation'],
  remediation: "Set spec.mtls.mode of every PeerAuthentication to 'STRICT', and of every port that it names.",
  scope: 'resource',
  judges: 'manifest',
  find: (resources) =>
    ofKind(resources, 'PeerAuthentication').flatMap((policy) => [
      ...shouldBe(policy, ['spec', 'mtls', 'mode'], 'STRICT'),
      ...fields(at(policy.props, 'spec', 'portLevelMtls')).flatMap(([port]) =>
        shouldBe(policy, ['spec', 'portLevelMtls', port, 'mode'], 'STRICT'),
      ),
    ]),
}
