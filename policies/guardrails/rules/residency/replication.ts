import type { Policies } from '../../../bundle.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'
import { at, type GuardedResource, items, unknown } from '../../model/resource.ts'
import { regionsIn } from './regions.ts'

/** A copy that a resource makes: of what, and where it lies then. */
interface Copy {
  readonly path: readonly (string | number)[]
  /** 'cold', 'events.raw' */
  readonly what: string
  readonly dataClass: string | undefined
  readonly to: readonly string[]
  /** Where it leads nobody knows yet. */
  readonly early?: boolean
}

/** The bucket of the policies that a bucket's name tells: 'nd-prod-us-east-1-cold-123456789012'. */
const bucketKey = (text: string, { buckets }: Policies): string | undefined =>
  Object.keys(buckets).find((key) => new RegExp(`(^|-)${key}(-|$)`).test(text))

/** The names that a regular expression of MSK picks; none for what is no expression. */
function matching(pattern: string, names: readonly string[]): readonly string[] {
  try {
    const expression = new RegExp(`^(?:${pattern})$`)
    return names.filter((name) => expression.test(name))
  } catch {
    return []
  }
}

/** The regions that the first text names that names one. */
const firstOf = (...texts: readonly unknown[]): readonly string[] =>
  texts.map((text) => regionsIn(String(text))).find((regions) => regions.length > 0) ?? []

function copiesOf({ type, name, props }: GuardedResource, policies: Policies): readonly Copy[] {
  if (type === 'aws:s3/bucketReplicationConfig:BucketReplicationConfig') {
    const source = String(at(props, 'bucket'))
    const key = bucketKey(source, policies) ?? bucketKey(name, policies)
    return items(at(props, 'rules')).map(
      (rule, i): Copy => ({
        path: ['rules', i, 'destination'],
        what: key ?? source,
        dataClass: key === undefined ? undefined : policies.buckets[key]?.dataClass,
        // Before the bucket is known, the rule's id says where it leads.
        to: firstOf(at(rule, 'destination', 'bucket'), at(rule, 'id')),
      }),
    )
  }
  if (type === 'aws:msk/replicator:Replicator') {
    const info = at(props, 'replicationInfoList')
    const early = at(info, 'targetKafkaClusterArn') === unknown
    const to = firstOf(at(info, 'targetKafkaClusterArn'), at(props, 'region'))
    return items(at(info, 'topicReplications')).flatMap((replication, i) =>
      items(at(replication, 'topicsToReplicates')).flatMap((pattern): readonly Copy[] => {
        const path = ['replicationInfoList', 'topicReplications', i, 'topicsToReplicates']
        const topics = matching(String(pattern), Object.keys(policies.topics))
        return topics.length > 0
          ? topics.map((what) => ({ path, what, dataClass: policies.topics[what]?.dataClass, to, early }))
          : [{ path, what: String(pattern), dataClass: undefined, to, early }]
      }),
    )
  }
  if (kindOf({ type }) === 'ClickHouseInstallation') {
    const { database, table, dataClass } = policies.storage.hot
    const path = ['spec', 'configuration', 'files'] as const
    // Its servers are told of all replicas by name; the coordinators beside them hold no data.
    const to = regionsIn(JSON.stringify(at(props, ...path) ?? ''))
    return to.length > 0 ? [{ path, what: `${database}.${table}`, dataClass, to }] : []
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
      copiesOf(resource, policies).flatMap(({ path, what, dataClass, to, early }) => {
        const allowed = policies.objectives.dataClasses[dataClass ?? '']?.jurisdictions
        if (!allowed && what === unknown) return []
        if (!allowed)
          return [
            violation(
              resource,
              path,
              `'${what}' should be a bucket or a topic of policies/storage.ts: nobody knows which law holds for it.`,
            ),
          ]
        if (to.length === 0 && early) return []
        if (to.length === 0)
          return [violation(resource, path, `The copy of '${what}' should say which region it goes to.`)]
        return to.flatMap((region) => {
          const jurisdiction = policies.regions[region]?.jurisdiction
          if (jurisdiction && allowed.includes(jurisdiction)) return []
          const law = jurisdiction ? `the law of '${jurisdiction}' holds` : 'nobody says which law holds'
          return [
            violation(
              resource,
              path,
              `'${what}' holds data of the class '${dataClass}' and should not be copied to ${region}, where ${law}; allowed: ${allowed.join(', ')}.`,
            ),
          ]
        })
      }),
    ),
}
