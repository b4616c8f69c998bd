import { parseArgs } from 'node:util'
import { seeded } from '../../../services/common/testing/random.ts'
import { type Event, eventFiles, eventsOf } from '../event-files.ts'
import { ruleFiles } from '../rule-files.ts'
import { crafted } from './crafted.ts'
import { type Comparison, compareMatches } from './matches.ts'

const usage = `usage: npm run --silent sigma:oracle -- --rules DIR|FILE|TAR.GZ [--events FILE|DIR] [--every N] [--seed N] [--crafted N]

Holds our engine to pySigma with SQLite (docs/sigma-oracle.md), rule by rule: over the events of their log sources with --events, and over
N events made after each rule (default 1) in any case. --every: each N-th rule alone. Ends with 1 where a difference is not explained.`

function report(what: string, { compared, finding, findings, differences, uncompiled, ours }: Comparison): boolean {
  const classes = Map.groupBy(differences, ({ because }) => because ?? 'NOT EXPLAINED')
  console.log(`${what}: ${compared} rules compared, ${finding} with ${findings} findings; ${differences.length} differ`)
  for (const [because, of] of classes) {
    console.log(`  ${because}: ${of.length}`)
    for (const { id, file, onlyOurs, onlyOracle } of because === 'NOT EXPLAINED' ? of : [])
      console.log(`    ${id} (${file}): only ours ${onlyOurs.slice(0, 5)}, only oracle ${onlyOracle.slice(0, 5)}`)
  }
  const reasons = Map.groupBy(Object.entries(uncompiled), ([, reason]) => reason.slice(0, 80))
  for (const [reason, of] of reasons) console.log(`  not compared, ${of.length}: ${reason}`)
  for (const problem of ours) console.log(`  not ours: ${problem}`)
  return !classes.has('NOT EXPLAINED')
}

const { values } = parseArgs({
  options: {
    rules: { type: 'string' },
    events: { type: 'string' },
    every: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    crafted: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
})
if (values.help || values.rules === undefined) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const sources = (await ruleFiles(values.rules)).filter((_, at) => at % Number(values.every) === 0)
  let good = true
  if (values.events !== undefined) {
    const events: Event[] = []
    for (const file of await eventFiles(values.events))
      for await (const portion of eventsOf(file, ({ reason }) => console.error(`${file}: ${reason}`)))
        events.push(...portion)
    good = report(`${events.length} events of ${values.events}`, await compareMatches(sources, events, 'windows'))
  }
  const random = seeded(Number(values.seed))
  const events = sources.flatMap(({ text }) =>
    Array.from({ length: Number(values.crafted) }, () => crafted(random, text)),
  )
  good = report(`${events.length} events made after rules`, await compareMatches(sources, events, 'any')) && good
  process.exitCode = good ? 0 : 1
}
