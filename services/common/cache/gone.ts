/** Settles as `result` does, or rejects with the signal's reason as soon as it fires: what several wait for goes on without the one who has gone. */
export async function unlessGone<T>(signal: AbortSignal, result: Promise<T>): Promise<T> {
  const gone = Promise.withResolvers<never>()
  const leave = () => gone.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([result, gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
