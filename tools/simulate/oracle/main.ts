import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { RecordedCase, RecordedDecision } from '../../../services/common/autoscaling/testing/case.ts'
import { compare } from '../../../services/common/autoscaling/testing/compare.ts'
import { packed, recordingFile } from '../../../services/common/autoscaling/testing/recording.ts'
import { ensure } from '../../engine/ensure.ts'
import { cases } from './cases.ts'

const usage = `usage: npm run oracle:hpa [-- --check]

Lets the unmodified HPA controller of Kubernetes decide every case anew, compares our decisions with its, and writes the recording that the
unit tests read. --check: does not write, and fails where the recording is not what it decides now. Builds the controller on first use.`

/** What the controller decided, case by case. */
function decide(program: string, asked: ReturnType<typeof cases>): RecordedCase[] {
  const input = asked.map(({ trace: _, ...one }) => JSON.stringify(one)).join('\n')
  const { stdout, stderr, status, error } = spawnSync(program, [], { input, encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (error || status !== 0)
    throw new Error(`The controller failed (${status}): ${error?.message ?? stderr.slice(0, 2_000)}`)
  const answers = stdout
    .trim()
    .split('\n')
    .map((line): { readonly name: string; readonly decisions: RecordedDecision[] } => JSON.parse(line))
  return asked.map((one, i) => {
    const answer = answers[i]
    if (answer?.name !== one.name) throw new Error(`The controller answered '${answer?.name}', not '${one.name}'.`)
    return { ...one, decisions: answer.decisions }
  })
}

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } })
if (values.help) console.log(usage)
else {
  const program = (await ensure(['hpa'], { onProgress: (text) => console.error(text) })).bin('hpa')
  const recording = decide(program, cases())
  const problems = recording.flatMap(compare)
  const decisions = recording.reduce((sum, one) => sum + one.decisions.length, 0)
  const bytes = packed(recording)
  const same = existsSync(recordingFile) && readFileSync(recordingFile).equals(bytes)
  for (const problem of problems.slice(0, 20)) console.error(problem)
  console.log(
    `${recording.length} cases, ${decisions} decisions, ${problems.length} of them different; the recording ${same ? 'is the same' : 'has changed'}.`,
  )
  if (!values.check && !same) writeFileSync(recordingFile, bytes)
  process.exitCode = problems.length > 0 || (values.check && !same) ? 1 : 0
}
