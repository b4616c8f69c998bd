import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configuration, rsyslogSettings } from './rsyslog.ts'

test('the configuration of every setting has no name left in it, and a missing one is named', () => {
  for (const { batch, workers, codec, linger } of rsyslogSettings) {
    const names = { DIR: '/d', PORT: 1, TOPIC: 't', BROKER: 'b', CA: 'ca', CERT: 'c', KEY: 'k' }
    const text = configuration({ ...names, BATCH: batch, WORKERS: workers, CODEC: codec, LINGER: linger })
    assert.doesNotMatch(text, /@[A-Z]+@/)
    assert.match(text, new RegExp(`compression.codec=${codec}`))
  }
  assert.throws(() => configuration({}), /names @DIR@/)
})
