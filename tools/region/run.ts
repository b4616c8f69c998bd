import { UsageError } from './context.ts'

/**
 * Runs a command to an exit code: 0 done, 1 failed, 2 used wrongly, 130 interrupted. An error is printed as its sentence;
 * ND_TRACE=1 adds the stack.
 */
export async function command(body: (signal: AbortSignal) => Promise<number | undefined>): Promise<number> {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    console.error('\nStopping … (once more to stop at once)')
    controller.abort(new Error('interrupted'))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    return (await body(controller.signal)) ?? 0
  } catch (error) {
    const { message, code, stack, name } = error as Error & { code?: string }
    const { aborted, reason } = controller.signal
    // What failed while it was being stopped is told: it may have left something behind.
    if (aborted && (error === reason || name === 'AbortError')) return 130
    console.error(process.env.ND_TRACE ? stack : `error${code ? ` [${code}]` : ''}: ${message}`)
    if (aborted) return 130
    return error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS') ? 2 : 1
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
