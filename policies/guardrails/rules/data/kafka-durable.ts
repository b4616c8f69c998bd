import { type Guardrail, should, type Violation, violation } from '../../model/guardrail.ts'
import { at, type GuardedResource, unknown } from '../../model/resource.ts'

const leastCopies = 3

/** The value of a key in the properties of a broker. */
const property = (text: string, key: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.split('='))
    .find(([name]) => name?.trim() === key)?.[1]
    ?.trim()

function configured(configuration: GuardedResource): readonly Violation[] {
  const text = at(configuration.props, 'serverProperties')
  if (text === unknown) return []
  const read = (key: string): string | undefined => property(String(text ?? ''), key)
  const copies = Number(read('default.replication.factor') ?? 0)
  const inSync = Number(read('min.insync.replicas') ?? 1)
  const says = (good: boolean, message: string) =>
    good ? [] : [violation(configuration, ['serverProperties'], message)]
  return [
    ...says(copies >= leastCopies, `default.replication.factor should be at least ${leastCopies}; it is ${copies}.`),
    ...says(inSync >= 2, `min.insync.replicas should be at least 2; it is ${inSync}.`),
    ...says(
      inSync < copies,
      `min.insync.replicas should be below the ${copies} copies, or no broker can be restarted; it is ${inSync}.`,
    ),
    ...says(
      read('unclean.leader.election.enable') !== 'true',
      'unclean.leader.election.enable should be false: a broker that missed records must not lead.',
    ),
  ]
}

export const kafkaDurable: Guardrail = {
  name: 'kafka-durable',
  title: 'A record is kept three times, and one broker may be away',
  severity: 'critical',
  frameworks: [],
  remediation: 'Keep three copies over three zones, and acknowledge with one less.',
  scope: 'resource',
  judges: 'program',
  find: (resources) => [
    ...resources
      .filter(({ type }) => type === 'aws:msk/cluster:Cluster')
      .flatMap((cluster) => [
        ...should(cluster, ['numberOfBrokerNodes'], (count) => Number(count) >= leastCopies, `at least ${leastCopies}`),
      ]),
    ...resources.filter(({ type }) => type === 'aws:msk/configuration:Configuration').flatMap(configured),
  ],
}
