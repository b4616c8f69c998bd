import type { Policies } from '../../../bundle.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { at, type GuardedResource, items } from '../../model/resource.ts'
import { regionsIn } from './regions.ts'

/** A copy that a resource makes: of what, and where it lies then. */
interface Copy {
  readonly path: readonly (string | number)[]
  /** 'cold', 'events.raw' */
  readonly what: string
  readonly dataClass: string | undefined
  readonly to: readonly string[]
}

/** The bucket of the policies that a bucket's name tells: 'nd-prod-us-east-1-cold-123456789012'. */
const bucketKey = (text: string, { buckets }: Policies): string | undefined =>
  Object.keys(buckets).find((key) => new RegExp(`(^|-)${key}(-|$)`).test(text))

function copiesOf({ type, name, props }: GuardedResource, policies: Policies): readonly Copy[] {
  if (type === 'aws:s3/bucketReplicationConfig:BucketReplicationConfig') {
    const source = `${String(at(props, 'bucket'))} ${name}`
    const key = bucketKey(String(at(props, 'bucket')), policies) ?? bucketKey(name, policies)
    return items(at(props, 'rules')).map(
      (rule, i): Copy => ({
        path: ['rules', i, 'destination'],
        what: key ?? source,
        dataClass: key === undefined ? undefined : policies.buckets[key]?.dataClass,
        // Before the bucket is known, the rule's id says where it leads.
        to: regionsIn(`${String(at(rule, 'destination', 'bucket'))} ${String(at(rule, 'id'))}`, policies),
      }),
    )
  }
  if (type === 'aws:msk/replicator:Replicator') {
    const info = at(props, 'replicationInfoList')
    const target = regionsIn(String(at(info, 'targetKafkaClusterArn')), policies)
    const to = target.length > 0 ? target : regionsIn(`${String(at(props, 'region'))} ${name}`, policies).slice(0, 1)
    return items(at(info, 'topicReplications')).flatMap((replication, i) =>
      items(at(replication, 'topicsToReplicates')).map((pattern): Copy => {
        const topic = Object.keys(policies.topics).find((one) => new RegExp(`^${String(pattern)}$`).test(one))
        return {
          path: ['replicationInfoList', 'topicReplications', i, 'topicsToReplicates'],
          what: topic ?? String(pattern),
          dataClass: topic === undefined ? undefined : policies.topics[topic]?.dataClass,
          to,
        }
      }),
    )
  }
  return []
}

export const residentReplication: Guardrail = {
  name: 'residency-replication',
  title: 'No copy of data goes where its law forbids',
  severity: 'critical',
  frameworks: [],
  remediation:
    "Take the edge away, choose a region of an allowed jurisdiction, or let the law's reader change jurisdictions in policies/objectives.ts.",
  scope: 'resource',
  judges: 'program',
  find: (resources, { policies }) =>
    resources.flatMap((resource) =>
      copiesOf(resource, policies).flatMap(({ path, what, dataClass, to }) => {
        const allowed = policies.objectives.dataClasses[dataClass ?? '']?.jurisdictions
        if (!allowed)
          return [
            violation(
              resource,
              path,
              `'${what}' should be a bucket or a topic of policies/storage.ts: nobody knows which law holds for it.`,
            ),
          ]
        if (to.length === 0)
          return [violation(resource, path, `The copy of '${what}' should say which region it goes to.`)]
        return to
          .map((region) => ({ region, jurisdiction: policies.regions[region]!.jurisdiction }))
          .filter(({ jurisdiction }) => !allowed.includes(jurisdiction))
          .map(({ region, jurisdiction }) =>
            violation(
              resource,
              path,
              `'${what}' holds data of the class '${dataClass}' and should not be copied to ${region}, where the law of '${jurisdiction}' holds; allowed: ${allowed.join(', ')}.`,
            ),
          )
      }),
    ),
}
