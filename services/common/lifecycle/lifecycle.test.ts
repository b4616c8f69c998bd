import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../log/log.ts'
import { Lifecycle } from './lifecycle.ts'

function lifecycle(deadlineMs = 60_000) {
  const exits: number[] = []
  return { exits, it: new Lifecycle({ log: silentLog, deadlineMs, exit: (code) => exits.push(code) }) }
}

test('ready once started and while every check agrees; never while stopping', async () => {
  const { it } = lifecycle()
  assert.deepEqual(it.readiness(), { ready: false, reasons: ['The process is starting.'] })
  let reason: string | undefined = 'no brokers'
  it.check('kafka', () => reason)
  it.started()
  assert.deepEqual(it.readiness(), { ready: false, reasons: ['kafka: no brokers'] })
  reason = undefined
  assert.equal(it.readiness().ready, true)
  const stopped = it.stop()
  assert.deepEqual(it.readiness(), { ready: false, reasons: ['The process is stopping.'] })
  await stopped
  assert.equal(it.phase, 'stopped')
})

test('stops in reverse order, one after the other, once', async () => {
  const { it, exits } = lifecycle()
  const order: string[] = []
  for (const name of ['certificate', 'producer', 'server'])
    it.onStop(name, async () => {
      order.push(`${name} begins`)
      await Promise.resolve()
      order.push(`${name} ends`)
    })
  const [first, second] = [it.stop(), it.stop()]
  assert.equal(await first, 0)
  assert.equal(await second, 0)
  assert.deepEqual(order, [
    'server begins',
    'server ends',
    'producer begins',
    'producer ends',
    'certificate begins',
    'certificate ends',
  ])
  assert.deepEqual(exits, [0])
})

test('a stop that fails does not keep the others from stopping, and shows in the exit code', async () => {
  const { it, exits } = lifecycle()
  let ran = false
  it.onStop('first', () => {
    ran = true
  })
  it.onStop('second', () => Promise.reject(new Error('stuck')))
  await it.stop()
  assert.deepEqual([ran, exits], [true, [1]])
})

test('the deadline ends what does not stop', async () => {
  const { it, exits } = lifecycle(1)
  it.onStop('endless', () => new Promise(() => {}))
  await it.stop()
  assert.deepEqual(exits, [1])
})
