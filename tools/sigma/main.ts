import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { loadRules } from '../../services/siem/correlation-engine/sigma/index.ts'
import { eventFiles, eventsOf } from './event-files.ts'
import { timeFields } from './event-time.ts'
import { type Finding, Findings, mappings } from './findings.ts'
import { ruleFiles } from './rule-files.ts'

const usage = `usage: npm run --silent sigma -- --rules DIR|FILE|TAR.GZ --events FILE|DIR [--mapping NAME] [--time FIELD] [--strict]

Holds events to Sigma rules and correlations. One JSON line for each match on standard output:
  {"rule": id, "title": "…", "event": index}              of a rule, as the events are read
  {"rule": id, "group": {…}, "events": [indices]}         of a correlation, at the end
An index counts events from 0 over the whole input: of a folder, files sorted by path, then from the first to the last in each.

  --rules    a folder of *.yml, one file, or an archive (*.tar, *.tar.gz, *.tgz)
  --events   a file, or a folder of *.json, *.ndjson, *.jsonl, also with .gz: NDJSON or JSON documents one after the other, gzip or not
  --mapping  how rules find their events and fields: ${Object.keys(mappings).join(', ')}. Default: 'windows' for Windows events (nested or flat), 'any' for others
  --time     the field with an event's time, for correlations. Default: the first of ${timeFields.join(', ')}, or of a nested
             Windows event its SystemTime
  --strict   end with 3 where a rule or an event was left out

Rules that are referenced by a correlation report only through it, unless it says 'generate: true'. What is left out is listed on standard
error with its reason. Ends with 0 when all events were read, 1 when the rules or the events cannot be read at all, 2 for wrong options.`

/** A line of the report about what was left out. */
const told = (line: string): void => void process.stderr.write(`${line}\n`)

/** Lines to standard output, which may be slower than we are. */
async function print(findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return
  const text = findings.map((finding) => `${JSON.stringify(finding)}\n`).join('')
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** The most that is listed of events that could not be read; the rest is counted. */
const mostListed = 100

async function run(options: {
  rules: string
  events: string
  mapping?: string
  time?: string
}): Promise<{ leftOut: boolean }> {
  const mapping = options.mapping === undefined ? undefined : mappings[options.mapping]
  const files = await eventFiles(options.events)
  const findings = new Findings(loadRules(await ruleFiles(options.rules)), {
    ...(mapping ? { mapping } : {}),
    ...(options.time === undefined ? {} : { timeField: options.time }),
  })
  for (const { file, document, id, title, reason } of findings.problems)
    told(
      `rule left out: ${file}#${document}${title === undefined ? '' : ` '${title}'`}${id === undefined ? '' : ` (${id})`}: ${reason}`,
    )
  if (findings.rules === 0) throw new Error(`There is no rule at '${options.rules}' that can be used.`)
  if (files.length === 0) throw new Error(`There is no file of events at '${options.events}'.`)
  let unread = 0
  for (const file of files)
    for await (const portion of eventsOf(file, ({ line, reason }) => {
      if (unread++ < mostListed) told(`event left out: ${file}${line > 0 ? `:${line}` : ''}: ${reason}`)
    }))
      await print(portion.flatMap((event) => findings.take(event)))
  await print(findings.correlations())
  if (unread > mostListed) told(`${unread - mostListed} more events were left out.`)
  if (findings.timeless > 0)
    told(`${findings.timeless} matches were not correlated: their events have no time that can be read (see --time).`)
  return { leftOut: findings.problems.length > 0 || unread > 0 || findings.timeless > 0 }
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rules: { type: 'string' },
        events: { type: 'string' },
        mapping: { type: 'string' },
        time: { type: 'string' },
        strict: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const { rules, events, mapping, time, strict, help } = values
    if (help) {
      console.log(usage)
      return 0
    }
    const wrong =
      rules === undefined
        ? '--rules is missing'
        : events === undefined
          ? '--events is missing'
          : mapping !== undefined && !Object.hasOwn(mappings, mapping)
            ? `there is no mapping '${mapping}': ${Object.keys(mappings).join(', ')}`
            : undefined
    if (rules === undefined || events === undefined || wrong !== undefined) {
      told(`sigma: ${wrong}.\n\n${usage}`)
      return 2
    }
    const { leftOut } = await run({
      rules,
      events,
      ...(mapping === undefined ? {} : { mapping }),
      ...(time === undefined ? {} : { time }),
    })
    return strict && leftOut ? 3 : 0
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
      told(`sigma: ${(error as Error).message}\n\n${usage}`)
      return 2
    }
    told(`sigma: ${(error as Error).message}`)
    return 1
  }
}

if (import.meta.main) {
  // A reader that has seen enough closes the pipe: that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  process.exitCode = await main(process.argv.slice(2))
}
