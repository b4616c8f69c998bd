import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog, type LogLevel } from './log.ts'

function logged(level: LogLevel = 'debug') {
  const lines: Record<string, unknown>[] = []
  const log = createLog({
    level,
    fields: { service: 's' },
    write: (line) => lines.push(JSON.parse(line)),
    now: () => new Date(0),
  })
  return { lines, log }
}

test('one JSON object a line, with time, level, message and fields', () => {
  const { lines, log } = logged()
  log.with({ region: 'local' }).info('Started.', { port: 1 })
  assert.deepEqual(lines, [
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'Started.', service: 's', region: 'local', port: 1 },
  ])
})

test('drops what is below the level', () => {
  const { lines, log } = logged('warn')
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['c', 'd'],
  )
})

test('secrets and customers’ rows stay out, at any depth', () => {
  const { lines, log } = logged()
  const row = { event: 'row-1', raw: 'row-2', bytes: Buffer.from('row-3'), chunk: Buffer.from('row-4') }
  log.info('x', { token: 'hush-1', inner: { ndPassword: 'hush-2', headers: { Authorization: 'hush-3' } }, ...row })
  assert.doesNotMatch(JSON.stringify(lines), /hush|row-/)
  assert.equal(lines[0]?.chunk, '[5 bytes]')
})

test('errors keep name, code, message and causes; long texts are cut; a bigint does not throw', () => {
  const { lines, log } = logged()
  const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 'E1' })
  log.error('x', { error, long: 'y'.repeat(5_000), offset: 5n })
  assert.deepEqual(lines[0]?.error, {
    name: 'TypeError',
    code: 'E1',
    message: 'outer',
    cause: { name: 'Error', message: 'inner' },
  })
  assert.equal(String(lines[0]?.long).length, 1_001)
  assert.equal(lines[0]?.offset, '5')
})
