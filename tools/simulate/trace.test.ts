import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parseTrace, readTrace } from './trace.ts'

const rates = (text: string) => [...parseTrace(text, 't.csv').perSecond]

test('an index, dates, seconds and milliseconds', () => {
  assert.deepEqual(rates('minute,requests\n0,60\n1,120\n'), [1, 2])
  assert.deepEqual(rates('minute_utc,requests\r\n1998-04-30 21:30:00,60\r\n1998-04-30 21:31:00,90\r\n'), [1, 1.5])
  assert.deepEqual(rates('t,r,other\n2024-03-31T01:59+01:00,60,x\n2024-03-31T01:00:00Z,120,y\n'), [1, 2])
  assert.deepEqual(rates('"t","r"\n"1700000000","6e1"\n1700000060,120\n'), [1, 2])
  assert.deepEqual(rates('t,r\n1700000000000,60\n1700000060000,120\n'), [1, 2])
  assert.deepEqual(rates('t,r\n7,60'), [1])
})

test('a minute without a row or without a number was not recorded', () => {
  const gap = Number.NaN
  assert.deepEqual(rates('t,r\n0,60\n1,60\n4,60\n5,\n6,0\n'), [1, 1, gap, gap, 1, gap, 0])
})

const bad: Record<string, RegExp> = {
  '': /has no rows: it shall have a header/,
  't,r\n': /has no rows/,
  '0,12\n1,13\n': /has no header: its first line is a row\. Put 'minute,requests' above it\./,
  't\n1\n': /t\.csv, line 2 has one column/,
  't,r\nsoon,1\n': /line 2: 'soon' is no time/,
  't,r\n1998-13-01 00:00:00,1\n': /line 2: '1998-13-01 00:00:00' is no time/,
  't,r\n0,1\n1,many\n': /line 3: 'many' is no number of requests/,
  't,r\n0,-1\n': /no number of requests/,
  't,r\n0,1e300\n': /more than 1000000000000/,
  't,r\n1,1\n1,2\n': /line 3 is not later than the row before: sort/,
  't,r\n0,1\n1998-04-30 21:30:00,2\n': /mixes dates and numbers/,
  't,r\n0,1\n1,1\n1.5,1\n': /The rows are 0\.5 apart/,
  't,r\n0,1\n30,1\n60,1\n': /The rows are 30 apart: a minute is 1 \(an index\), 60 \(seconds\)/,
  't,r\n1998-04-30 21:30:00,1\n1998-04-30 21:30:15,1\n': /15 s apart at the least/,
  't,r\n0,1\n60,1\n150,1\n': /line 4 is not whole minutes after the first row/,
  't,r\n0,1\n1,1\n700000,1\n': /spans 700001 minutes, more than 600000/,
}

test('a bad file says what to do', () => {
  for (const [text, message] of Object.entries(bad))
    assert.throws(() => rates(text), { code: 'BAD_TRACE', message }, JSON.stringify(text))
})

test('a packed file reads as the plain one; a missing one is named', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-trace-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.csv'), 't,r\n0,60\n')
  writeFileSync(join(folder, 'a.csv.gz'), gzipSync('t,r\n0,60\n'))
  assert.deepEqual(readTrace(join(folder, 'a.csv')), readTrace(join(folder, 'a.csv.gz')))
  assert.throws(() => readTrace(join(folder, 'b.csv')), { code: 'BAD_TRACE', message: /b\.csv cannot be read/ })
})

test('law: any text is a trace or a BAD_TRACE', () => {
  const cell = fc.constantFrom('0', '1', '2', '60', '120', '', 'x', '-1', '1e3', '1998-04-30 21:30:00', '"3"')
  const text = fc.array(fc.tuple(cell, cell), { maxLength: 6 })
  fc.assert(
    fc.property(text, (rows) => {
      try {
        assert.ok(rates(['t,r', ...rows.map((row) => row.join(','))].join('\n')).length >= 1)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'BAD_TRACE')
      }
    }),
  )
})
