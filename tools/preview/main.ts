import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { duration } from '../engine/text.ts'
import { optionsOf, usage, writable } from './options.ts'
import { preview } from './preview.ts'
import { Progress } from './progress.ts'
import { growthWords } from './report/growth.ts'
import { html } from './report/html/html.ts'
import { markdown } from './report/markdown/markdown.ts'
import { capacityWords, countWords, findingWords, moneyWords, verdictOf } from './report/summary.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = optionsOf(args)
  if (!options) {
    console.log(usage)
    return 0
  }
  const { base, head, out, trace } = options
  writable(out)
  const began = performance.now()
  const progress = new Progress()
  try {
    const tell = (who: string, doing: string): void => progress.tell(who, doing)
    const report = await preview({
      repository,
      base,
      ...(head ? { head } : {}),
      ...(trace ? { trace } : {}),
      signal,
      tell,
    })
    progress.close()
    writeFileSync(join(out, 'preview.md'), markdown(report))
    writeFileSync(join(out, 'preview.html'), html(report))
    console.log(
      [
        verdictOf(report).words,
        `  resources  ${countWords(report.changes)}`,
        `  money      ${moneyWords(report)}`,
        `  capacity   ${capacityWords(report)}`,
        `  load       ${growthWords(report.growth)}`,
        `  findings   ${findingWords(report)}`,
        ...report.violations.map(({ rule, message }) => `  ${rule}: ${message}`),
        `${join(out, 'preview.md')} and ${join(out, 'preview.html')}, ${duration(performance.now() - began)}`,
      ].join('\n'),
    )
    return report.violations.length > 0 ? 1 : 0
  } finally {
    progress.close()
  }
}

/** Answers the exit code: 0 allowed, 1 refused, 2 no preview, 130 interrupted. ND_TRACE=1 adds where an error came from. */
async function main(args: readonly string[]): Promise<number> {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort(new Error('interrupted'))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  try {
    return await run(args, controller.signal)
  } catch (error) {
    if (controller.signal.aborted) return 130
    const { message, stack, code } = error as Error & { code?: string }
    console.error(process.env.ND_TRACE ? stack : `error${code ? ` [${code}]` : ''}: ${message}`)
    return 2
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
