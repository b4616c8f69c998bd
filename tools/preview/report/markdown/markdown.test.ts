import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceChange } from '../../compare/resources.ts'
import { html } from '../html/html.ts'
import type { Report, Violation } from '../report.ts'
import { markdown, mostBytes } from './markdown.ts'

const change = (i: number, more: Partial<ResourceChange> = {}): ResourceChange => ({
  stack: 'prod',
  urn: `urn:pulumi:prod::neurodefender::aws:sqs/queue:Queue::queue-${i}`,
  type: 'aws:sqs/queue:Queue',
  name: `queue-${i}`,
  kind: 'changed',
  component: false,
  data: false,
  protect: false,
  properties: Array.from({ length: 12 }, (_, j) => ({
    path: `property${j}`,
    before: `before ${'x'.repeat(80)}`,
    after: j,
  })),
  because: [],
  carries: [],
  ...more,
})

const violation = (i: number): Violation => ({
  rule: 'pools-within-limits',
  message: `cloud.prod.limit${i} (${i}) must be at least ${i + 1}.`,
  where: ['prod'],
  isNew: true,
})

const report = (changes: readonly ResourceChange[], more: Partial<Report> = {}): Report => ({
  base: { name: 'main', commit: '1234567890' },
  head: { name: 'change', commit: '0987654321' },
  stacks: [
    {
      stack: 'prod',
      isNew: false,
      resources: changes.length,
      counts: { added: 0, changed: changes.length, 'may-replace': 0, replaced: 0, deleted: 0 },
    },
  ],
  changes,
  findings: { now: [], gone: [] },
  verdicts: { now: [], gone: [] },
  policies: [],
  capacity: [],
  growth: [],
  bill: [],
  unpriced: [],
  links: [],
  scaling: [],
  remarks: [],
  violations: [],
  ...more,
})

const many = (length: number) => Array.from({ length }, (_, i) => change(i))

test('a small change is told with every property', () => {
  const text = markdown(report(many(3)))
  assert.match(text, /^<!-- neurodefender-preview -->\n## ✅ Allowed/)
  for (const i of [0, 1, 2]) assert.ok(text.includes(`queue-${i}: changed`))
  assert.equal(text.match(/^\+ property\d+: \d+$/gm)?.length, 36)
})

test('thousands of changes still fit, and neither the summary nor what stops it is left out', () => {
  const violations = Array.from({ length: 40 }, (_, i) => violation(i))
  for (const length of [100, 1_000, 8_000]) {
    const text = markdown(report(many(length), { violations }))
    assert.ok(Buffer.byteLength(text) <= mostBytes, `${Buffer.byteLength(text)} bytes`)
    assert.ok(text.length > mostBytes / 40, 'as much as fits')
    assert.ok(text.includes('## 🛑 Refused: 40 mandatory violations.'))
    assert.ok(text.includes(`| Resources | ${length} changed |`))
    for (const { message } of violations) assert.ok(text.includes(message))
  }
})

test('so many violations that even they do not fit are counted', () => {
  const text = markdown(report([], { violations: Array.from({ length: 5_000 }, (_, i) => violation(i)) }))
  assert.ok(Buffer.byteLength(text) <= mostBytes)
  const [, left] = /… and (\d+) more/.exec(text) ?? []
  assert.equal(Number(left) + (text.match(/must be at least/g)?.length ?? 0), 5_000)
})

test('data that would be lost stands before everything else, and says why', () => {
  const lost = change(0, {
    kind: 'replaced',
    data: true,
    because: ['clusterName'],
    type: 'aws:msk/cluster:Cluster',
    name: 'kafka',
    protect: true,
  })
  const text = markdown(report([...many(2), lost]))
  assert.match(
    text,
    /## ⚠️ Allowed, but one|## ⚠️ Allowed, but 1 resource that keeps data would be replaced or deleted\./,
  )
  assert.match(
    text,
    /- \*\*replaced\*\*: msk\.Cluster `kafka` in `prod` because of `clusterName`\. It is protected: the engine will refuse\./,
  )
  assert.ok(text.indexOf('### Data at risk') < text.indexOf('### Resources'))
})

test('no text of a program is markup, and no secret is shown', () => {
  const evil = change(0, {
    name: '<img src=x onerror=alert(1)>`|',
    properties: [
      { path: 'masterPassword', before: 'hunter2', after: 'hunter3' },
      { path: 'plain', before: '~~~~\n# heading', after: '</details><script>1</script>' },
    ],
  })
  const one = report([evil], { violations: [{ ...violation(1), message: 'See <script> | @everyone *now*' }] })
  const [text, page] = [markdown(one), html(one)]
  assert.ok(!text.includes('hunter') && !page.includes('hunter'))
  assert.ok(!/<script>|<img/.test(page))
  assert.ok(text.includes('See \\<script\\> \\| @\u200beveryone \\*now\\*'))
  assert.equal(text.match(/^~~~~/gm)?.length, 2, 'the block ends where it should')
})
