import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const folder = mkdtempSync(join(tmpdir(), 'sigma-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}
const command = fileURLToPath(new URL('main.ts', import.meta.url))
const sigma = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: 'utf8',
  })
  return {
    status,
    found: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown),
    stderr,
  }
}

const failed = `title: Failed logon
id: 53ba33fd
name: failed
logsource: {product: windows, service: security}
detection: {selection: {EventID: 4625}, condition: selection}
`
const many = `title: Many failed logons
id: a8418a5a
correlation:
  type: event_count
  rules: [failed]
  group-by: [TargetUserName]
  timespan: 1m
  condition: {gte: 3}
`
const logon = (seconds: number, user: string, id = 4625) => ({
  Channel: 'Security',
  EventID: id,
  TargetUserName: user,
  TimeCreated: `2026-01-05 10:00:${String(seconds).padStart(2, '0')}.000`,
})
const nested = (seconds: number, user: string) => ({
  Event: {
    System: {
      Channel: 'Security',
      EventID: 4625,
      TimeCreated: { '#attributes': { SystemTime: `2026-01-05T10:00:${String(seconds).padStart(2, '0')}.000Z` } },
    },
    EventData: { TargetUserName: user },
  },
})

test('rules report as they stand, with the index of the event over all files', () => {
  const rules = put('plain/failed.yml', failed)
  put('events/b.json', `${JSON.stringify(nested(1, 'bob'), null, 2)}\n${JSON.stringify(nested(2, 'bob'), null, 2)}\n`)
  put(
    'events/a/first.ndjson.gz',
    gzipSync(`${JSON.stringify(logon(1, 'alice', 4624))}\n${JSON.stringify(logon(1, 'alice'))}\n`),
  )
  put('events/info.yml', 'no: events')
  const found = { rule: '53ba33fd', title: 'Failed logon' }
  assert.deepEqual(sigma('--rules', rules, '--events', join(folder, 'events')), {
    status: 0,
    found: [1, 2, 3].map((event) => ({ ...found, event })),
    stderr: '',
  })
})

test('a correlation reports in place of its rules, in order of time whatever the order of events', () => {
  const rules = put('both/rules.yml', `${failed}---\n${many}`)
  const events = [logon(50, 'Alice'), logon(1, 'bob'), nested(10, 'alice'), logon(30, 'ALICE'), logon(59, 'bob')]
  const path = put('unordered.ndjson', events.map((event) => JSON.stringify(event)).join('\n'))
  assert.deepEqual(sigma('--rules', rules, '--events', path), {
    status: 0,
    found: [{ rule: 'a8418a5a', group: { TargetUserName: 'alice' }, events: [0, 2, 3] }],
    stderr: '',
  })
})

test('what is left out is listed with its reason, and counts with --strict', () => {
  put('some/bad.yml', 'title: Bad\nid: 1\nlogsource: {product: windows}\ndetection: {condition: selection}\n')
  put('some/good.yml', failed)
  const events = put('some.ndjson', `${JSON.stringify(logon(1, 'bob'))}\n7\n{"half":\n`)
  const { status, found, stderr } = sigma('--rules', join(folder, 'some'), '--events', events, '--strict')
  assert.deepEqual([status, found.length], [3, 1])
  assert.match(stderr, /^rule left out: bad\.yml#1 'Bad'.*: .*selection/m)
  assert.match(stderr, /^event left out: .*some\.ndjson:3: The document has no end\.$/m)
  assert.match(stderr, /^event left out: .*some\.ndjson: A document is no map\.$/m)
  assert.equal(sigma('--rules', join(folder, 'some'), '--events', events).status, 0)
})

test('events without a time are not correlated, and counted; --time names another field', () => {
  const rules = put('timed.yml', `${failed}---\n${many}`)
  const events = [1, 2, 3].map((second) => ({ ...logon(0, 'bob'), TimeCreated: 'now', when: 1_767_600_000 + second }))
  const path = put('timed.ndjson', events.map((event) => JSON.stringify(event)).join('\n'))
  const without = sigma('--rules', rules, '--events', path)
  assert.deepEqual([without.status, without.found], [0, []])
  assert.match(without.stderr, /^3 matches were not correlated/)
  assert.equal(sigma('--rules', rules, '--events', path, '--time', 'when').found.length, 1)
})

test('wrong options and unreadable inputs say what to do', () => {
  assert.match(
    spawnSync(process.execPath, [command, '--help'], { encoding: 'utf8' }).stdout,
    /^usage: npm run --silent sigma/,
  )
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [['--rules', folder], 2, /--events is missing/],
    [['--events', folder], 2, /--rules is missing/],
    [['--rules', folder, '--events', folder, '--mapping', 'mac'], 2, /there is no mapping 'mac': windows, any/],
    [['--rule', folder], 2, /--rule/],
    [['--rules', join(folder, 'nowhere'), '--events', folder], 1, /nowhere/],
    [['--rules', put('empty.yml', ''), '--events', folder], 1, /no rule/],
  ]
  for (const [args, status, says] of cases) {
    const answer = sigma(...args)
    assert.equal(answer.status, status)
    assert.match(answer.stderr, says)
  }
})
