import { type Fixture, workload } from '../../../testing/fixture.ts'

const pod = (image: string) => [workload('siem/web', { container: { image } })]

export const fixture: Fixture = {
  good: [pod(`registry.example/web@sha256:${'0a'.repeat(32)}`)],
  bad: [
    {
      resources: pod('registry.example/web:1.2'),
      says: ["spec.template.spec.containers[0].image should be named by its digest; it is 'registry.example/web:1.2'."],
    },
  ],
}
