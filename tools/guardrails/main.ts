import { type CloudEnvironment, cloud } from '../../policies/cloud.ts'
import { judge, type Verdict } from '../../policies/guardrails/judge.ts'
import { stackGraphs } from './graphs.ts'
import { guardrailsTable } from './table.ts'

const line = ({ rule, resource, message, binds, exemption }: Verdict): string => {
  const force = exemption ? `exempt until ${exemption.until}` : binds ? 'must change' : 'advice'
  return `  ${rule.name} (${rule.severity}, ${force}): ${resource.type} ${resource.name}\n    ${message} ${rule.remediation}`
}

/** Judges every stack of the cloud, recorded without credentials. Answers whether nothing that binds is broken. */
async function judgeAll(environments: readonly CloudEnvironment[]): Promise<boolean> {
  let good = true
  for (const environment of environments)
    for (const graph of await stackGraphs(environment)) {
      const verdicts = judge(graph)
      good &&= !verdicts.some(({ binds }) => binds)
      console.log(`${graph.stack}: ${graph.resources.length} resources, ${verdicts.length} verdicts`)
      for (const verdict of verdicts) console.log(line(verdict))
    }
  return good
}

const wanted = process.argv.slice(2)
const all = Object.keys(cloud) as CloudEnvironment[]
if (wanted.includes('--table')) console.log(guardrailsTable())
else if (wanted.some((name) => !all.includes(name as CloudEnvironment))) {
  console.error(`Usage: node tools/guardrails/main.ts [--table | ${all.join(' | ')}]`)
  process.exitCode = 2
} else process.exitCode = (await judgeAll(wanted.length > 0 ? (wanted as CloudEnvironment[]) : all)) ? 0 : 1
