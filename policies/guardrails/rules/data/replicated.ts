import { replicationEdges } from '../../../residency.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { at, type GuardedResource, unknown } from '../../model/resource.ts'
import { regionsIn } from '../residency/regions.ts'

const types = {
  bucket: 'aws:s3/bucketReplicationConfig:BucketReplicationConfig',
  topic: 'aws:msk/replicator:Replicator',
} as const

/** Everything that a resource says of what it copies, as text: names, ids and ARNs. */
const told = ({ name, props }: GuardedResource): string =>
  `${name} ${JSON.stringify(['bucket', 'region', 'rules', 'replicationInfoList'].map((key) => at(props, key)))}`

export const replicated: Guardrail = {
  name: 'replicated',
  title: 'Every copy that the policies promise is made',
  severity: 'high',
  frameworks: ['AWS Security Hub S3.7'],
  remediation:
    'Make a BucketReplicationConfig or a Replicator for the edge, or take the edge out of policies/regions.ts.',
  scope: 'stack',
  judges: 'program',
  find: (resources, { policies, environment, stack }) => {
    if (stack !== `${environment}-links`) return []
    return replicationEdges(policies, environment).flatMap(({ what, name, from, to }) => {
      if (what === 'hot tier') return []
      const copies = resources.filter(({ type }) => type === types[what])
      const made = copies.some((copy) => {
        const text = told(copy)
        const regions = regionsIn(text)
        const pattern = what === 'topic' ? name.replaceAll('.', '\\\\.') : name
        return regions.includes(from) && regions.includes(to) && (text.includes(pattern) || text.includes(unknown))
      })
      const beside = copies[0] ?? resources[0]
      return made || !beside
        ? []
        : [
            violation(
              beside,
              [],
              `The ${what} '${name}' should be copied from ${from} to ${to}, as policies/regions.ts promises.`,
            ),
          ]
    })
  },
}
