import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloud } from '../../../policies/cloud.ts'
import { retentionDays } from './retention.ts'

test('a time that CloudWatch keeps is that many days, whatever its unit', () => {
  assert.equal(retentionDays('30d'), 30)
  assert.equal(retentionDays('72h'), 3)
  for (const { logRetention } of Object.values(cloud)) assert.ok(retentionDays(logRetention) > 0)
})

test('any other time is refused with the nearest', () => {
  const refused = (time: Parameters<typeof retentionDays>[0], end: string) =>
    assert.throws(() => retentionDays(time), {
      name: 'RangeError',
      message: `cloud.logRetention (${time}) is not a time that CloudWatch Logs keeps: write ${end}.`,
    })
  refused('31d', '30d or 60d')
  refused('12h', '1d')
  refused('5000d', '3653d')
})
