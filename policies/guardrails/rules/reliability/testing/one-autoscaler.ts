import { type Fixture, object } from '../../../testing/fixture.ts'

const keda = (target: string, name = target) =>
  object('keda.sh/v1alpha1', 'ScaledObject', `siem/${name}`, { spec: { scaleTargetRef: { name: target } } })
const hpa = (target: string) =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', `siem/${target}`, {
    spec: { scaleTargetRef: { kind: 'Deployment', name: target }, maxReplicas: 3 },
  })
const says = ['Deployment siem/web should have one autoscaler; another one owns it already.']

export const fixture: Fixture = {
  good: [[keda('web'), hpa('other')]],
  bad: [
    { resources: [keda('web'), hpa('web')], says },
    { resources: [keda('web'), keda('web', 'again')], says },
  ],
}
