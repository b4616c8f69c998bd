import { type Fixture, object } from '../../../testing/fixture.ts'

const namespace = object('v1', 'Namespace', 'siem')
const policy = (spec: object, place = 'siem/deny-all') =>
  object('networking.k8s.io/v1', 'NetworkPolicy', place, { spec: { podSelector: {}, ...spec } })
const both = { policyTypes: ['Ingress', 'Egress'] }
const says = ['The namespace should have a NetworkPolicy that denies all, in and out.']

export const fixture: Fixture = {
  good: [[namespace, policy(both)], [object('v1', 'Namespace', 'cert-manager')]],
  bad: [
    { resources: [namespace], says },
    { resources: [namespace, policy({ policyTypes: ['Ingress'] })], says },
    { resources: [namespace, policy({ ...both, ingress: [{}] })], says },
    { resources: [namespace, policy({ ...both, podSelector: { matchLabels: { app: 'web' } } })], says },
    { resources: [namespace, policy(both, 'data/deny-all')], says },
  ],
}
