import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { requestQueuePrototype, scheduleCheckPendingRequests } from './request-queue.ts'

test('kafkajs still has the method that is replaced', () => {
  assert.equal(requestQueuePrototype.scheduleCheckPendingRequests, scheduleCheckPendingRequests)
  assert.equal(typeof (requestQueuePrototype as { checkPendingRequests?: unknown }).checkPendingRequests, 'function')
})

test('an idle connection arms no timer; a waiting request is looked at again, after the throttle if there is one', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  try {
    let checks = 0
    const queue = (pending: unknown[], throttledUntil = -1) => ({
      pending,
      throttledUntil,
      throttleCheckTimeoutId: null as NodeJS.Timeout | null,
      checkPendingRequests: () => checks++,
    })
    const idle = queue([])
    scheduleCheckPendingRequests.call(idle)
    assert.equal(idle.throttleCheckTimeoutId, null)
    scheduleCheckPendingRequests.call(queue([1]))
    mock.timers.tick(10)
    assert.equal(checks, 1)
    scheduleCheckPendingRequests.call(queue([1], Date.now() + 500))
    mock.timers.tick(499)
    assert.equal(checks, 1)
    mock.timers.tick(1)
    assert.equal(checks, 2)
  } finally {
    mock.timers.reset()
  }
})
