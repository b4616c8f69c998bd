import { type Guardrail, type Violation, violation } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'
import { at, fields, type GuardedResource, items } from '../../model/resource.ts'

type Path = readonly (string | number)[]

/** A table's TTL deletes, unless it says that it moves or packs. */
const ttl = /\bTTL\s+[^;]*?(?:INTERVAL|toInterval\w+\(|\+)[^;,]*/gi
const moves = /\b(?:TO\s+(?:DISK|VOLUME)|RECOMPRESS|GROUP\s+BY)\b/i
/** A phase of Elasticsearch's index lifecycle management. */
const phase = /"delete"\s*:\s*\{[^{}]*"(?:min_age|actions)"/

const reasonOf = (text: string): string | undefined => {
  if ([...text.matchAll(ttl)].some(([clause]) => !moves.test(clause))) return 'TTL of ClickHouse that deletes'
  return phase.test(text) ? 'delete phase of Elasticsearch' : undefined
}

/** Every text below a value, with its path; a policy that is JSON in YAML is looked at as text. */
const texts = (value: unknown, path: Path): readonly (readonly [Path, string])[] => {
  if (typeof value === 'string') return [[path, value]]
  const phases = fields(at(value, 'phases'))
  const own: readonly (readonly [Path, string])[] = phases.some(([name]) => name === 'delete')
    ? [[[...path, 'phases', 'delete'], '"delete":{"actions"']]
    : []
  const inner = Array.isArray(value) ? items(value).map((item, i) => [i, item] as const) : fields(value)
  return [...own, ...inner.flatMap(([key, item]) => texts(item, [...path, key]))]
}

const judge = (resource: GuardedResource): readonly Violation[] =>
  texts(resource.props, []).flatMap(([path, text]) => {
    const reason = reasonOf(text)
    return reason
      ? [violation(resource, path, `There should be no ${reason}: only the tier mover's ledger deletes data.`)]
      : []
  })

export const noAgeDeletes: Guardrail = {
  name: 'no-age-deletes',
  title: "No engine deletes by age: only the tier mover's ledger does",
  severity: 'critical',
  frameworks: [],
  remediation: 'Let a TTL move data (TO VOLUME) or leave it out; leave the delete phase out of a lifecycle policy.',
  scope: 'resource',
  judges: 'manifest',
  find: (resources) =>
    // What a Secret holds is not looked at, and not quoted.
    resources.filter((one) => kindOf(one) !== undefined && kindOf(one) !== 'Secret').flatMap(judge),
}
