import { type Fixture, object } from '../../../testing/fixture.ts'

const release = (props: object) => [object('helm.sh/v3', 'Release', 'keda/keda', { chart: 'keda', ...props })]
const repositoryOpts = { repo: 'https://charts.example' }

export const fixture: Fixture = {
  good: [
    release({ version: '2.18.1', repositoryOpts }),
    release({ version: '1.8.2', chart: 'oci://registry.example/karpenter' }),
  ],
  bad: [
    { resources: release({ repositoryOpts }), says: ['version should be an exact version; it is not set.'] },
    {
      resources: release({ version: '~2.18' }),
      says: [
        "version should be an exact version; it is '~2.18'.",
        'repositoryOpts.repo should be the repository of the chart; it is not set.',
      ],
    },
  ],
}
