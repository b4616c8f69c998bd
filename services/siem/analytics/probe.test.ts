import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '../../common/log/log.ts'
import { Probe } from './probe.ts'

test('not ready until the table is there, then ready for good', async () => {
  const answers: (string | undefined | Error)[] = ['ECONNREFUSED', new Error('?'), '60', undefined, '60']
  let asked = 0
  const probe = new Probe({
    ask: async () => {
      const answer = answers[asked++]
      if (answer instanceof Error) throw answer
      return answer
    },
    everyMs: 5,
    log: silentLog,
  })
  assert.match(probe.reason ?? '', /not asked yet/)
  probe.start()
  const reasons = new Set<string | undefined>()
  while (probe.reason !== undefined) {
    reasons.add(probe.reason)
    await delay(1)
  }
  assert.match([...reasons].join(), /\(60\)/)
  await delay(20)
  assert.deepEqual([asked, probe.reason], [4, undefined])
})

test('a stop ends the asking', async () => {
  let aborted = false
  const probe = new Probe({
    ask: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        }),
      ),
    everyMs: 60_000,
    log: silentLog,
  })
  probe.start()
  probe.stop()
  await delay(0)
  assert.equal(aborted, true)
})
