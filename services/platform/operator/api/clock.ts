/** Time as the operator's parts see it, so that a test can be its master. */
export interface Clock {
  /** Milliseconds that never go back; they go on while the process is stopped. */
  now(): number
  /** The wall clock, for what is written down. */
  date(): Date
  /** Resolves after `ms`; rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls back after `ms`, unless the answer is called before. */
  after(ms: number, then: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(ms, then) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    }),
}

/** The pause before try number `failures` (1 is the first after a failure): doubled each time, up to a cap, and half of it by chance. */
export function backoff(
  failures: number,
  { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number },
  random: () => number = Math.random,
): number {
  const whole = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
  return whole / 2 + (whole / 2) * random()
}
