// kafkajs has no entry for this class; the version is pinned by the lock file and request-queue.test.ts holds what we rely on.
// @ts-expect-error: a file without types
import RequestQueueClass from 'kafkajs/src/network/requestQueue/index.js'

interface RequestQueue {
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  pending: readonly unknown[]
  checkPendingRequests(): void
}

/** How often a queue looks again while requests wait for a free slot; kafkajs' own figure. */
const recheckMs = 10

/**
 * kafkajs 2.2.4 arms a timer after every response even when nothing waits, with a negative delay (-1 minus the clock). Node turns that into
 * 1 ms and warns (TimeoutNegativeWarning), so each connection wakes the process a thousand times a second for ever.
 * @see https://github.com/tulios/kafkajs/issues/1751
 */
export function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId) return
  const throttled = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttled > 0 ? throttled : recheckMs,
  )
}

export const requestQueuePrototype: { scheduleCheckPendingRequests: unknown } = RequestQueueClass.prototype
requestQueuePrototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
