import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import {
  any,
  loadRules,
  type Mapping,
  type RuleSource,
  readArchive,
  windows,
} from '../../../services/siem/correlation-engine/sigma/index.ts'
import { choose, pack, packed } from '../pack.ts'
import { type Measured, measureOurs, type Passes } from './ours.ts'
import { peerSettings, withPeerInput } from './peer.ts'

const usage = `usage: npm run bench:sigma -- [--rules FILE.tar.gz] [--events FILE] [--passes N] [--no-peer]

Events per CPU second of one thread with all rules at once, by our engine and by rsigma-eval 0.23.0 in the same run, and ours with 300 of the rules. Twice: with log sources
(each rule meets the events of its source; rsigma gets the numbers of events as a pipeline, see pipeline.ts) and without (every rule meets every event). Matching alone, and parsing JSON and matching.
Of the passes the best counts, of rsigma's settings the best; all are listed. One JSON line last.

--rules   an archive of Sigma rules; default the ${packed} that the product carries
--events  NDJSON, gzip or not; default the 500 of the sample, repeated`

interface Rates {
  readonly matchingPerCpuSecond: number
  readonly parsingAndMatchingPerCpuSecond: number
}

const rates = ({ matching, both }: Passes, events: number): Rates => ({
  matchingPerCpuSecond: Math.round(events / Math.min(...matching)),
  parsingAndMatchingPerCpuSecond: Math.round(events / Math.min(...both)),
})

const readLines = (file: string): string[] => {
  const bytes = readFileSync(file)
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.split('\n').filter((line) => line !== '')
}

const ours = ({ rules, loading, compiling, ...passes }: Measured, events: number) => ({
  rules,
  ...rates(passes, events),
  allPasses: passes.matching.map((seconds) => Math.round(events / seconds)),
  loadingCpuSeconds: loading,
  firstPassCpuSeconds: compiling,
})

/** Rules whose number of matches the two engines agree on, and those where they do not. */
function agreement(left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>) {
  const ids = [...new Set([...Object.keys(left), ...Object.keys(right)])]
  const differ = ids.filter((id) => left[id] !== right[id])
  return {
    rulesThatMatch: ids.length,
    agree: ids.length - differ.length,
    differ: differ.slice(0, 20).map((id) => ({ rule: id, ours: left[id] ?? 0, peer: right[id] ?? 0 })),
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rules: { type: 'string', default: pack },
      events: {
        type: 'string',
        default: fileURLToPath(new URL('../../load/sample/windows-host-events.ndjson.gz', import.meta.url)),
      },
      passes: { type: 'string', default: '5' },
      'no-peer': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const passes = Number(values.passes)
  if (values.help || !Number.isInteger(passes) || passes < 1) {
    console.error(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const sources = readArchive(readFileSync(values.rules))
  const read = readLines(values.events)
  const lines = Array.from({ length: Math.ceil(20_000 / read.length) }).flatMap(() => read)
  const { rules, problems } = loadRules(sources)
  const byFile = new Map(sources.map((source) => [source.file, source]))
  const some: RuleSource[] = choose(rules, packed).map(({ file }) => byFile.get(file)!)
  console.error(
    `${rules.length} rules (${problems.length} more do not compile), ${lines.length} events of ${Math.round(lines.join('').length / lines.length)} characters, ${passes} passes.`,
  )

  const own = (mapping: Mapping, of: readonly RuleSource[]): Measured => {
    const measured = measureOurs(of, lines, mapping, passes)
    console.error(
      `ours, mapping '${mapping.name}', ${measured.rules} rules: ${JSON.stringify(rates(measured, lines.length))}`,
    )
    return measured
  }
  const modes = [
    { mode: 'with log sources', mapping: windows, routed: true },
    { mode: 'without log sources', mapping: any, routed: false },
  ]
  const measured = modes.map(({ mapping }) => ({ all: own(mapping, sources), few: own(mapping, some) }))
  const peers = values['no-peer']
    ? undefined
    : await withPeerInput(sources, lines, async (ask) => {
        const all = []
        for (const { mode, routed } of modes)
          for (const setting of peerSettings) {
            const result = await ask(passes, setting, routed)
            console.error(`rsigma-eval ${mode}, ${setting.name}: ${JSON.stringify(rates(result, lines.length))}`)
            all.push({ mode, setting: setting.name, result })
          }
        return all
      })
  const report = modes.map(({ mode }, at) => {
    const { all, few } = measured[at]!
    const best = peers
      ?.filter((peer) => peer.mode === mode)
      .sort((a, b) => Math.min(...a.result.matching) - Math.min(...b.result.matching))[0]
    return {
      mode,
      ours: ours(all, lines.length),
      oursWithFewRules: ours(few, lines.length),
      ...(best === undefined
        ? {}
        : {
            peer: { setting: best.setting, rules: best.result.rules, ...rates(best.result, lines.length) },
            ahead: {
              matching: Number((Math.min(...best.result.matching) / Math.min(...all.matching)).toFixed(2)),
              parsingAndMatching: Number((Math.min(...best.result.both) / Math.min(...all.both)).toFixed(2)),
            },
            agreement: agreement(all.counts, best.result.counts),
          }),
    }
  })
  console.log(
    JSON.stringify({
      bench: 'sigma',
      cpu: cpus()[0]?.model,
      events: lines.length,
      passes,
      peer: 'rsigma-eval 0.23.0',
      report,
    }),
  )
}

if (import.meta.main) await main()
