import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalRegionError } from './errors.ts'
import { identify, isAlive, type ProcessId } from './host/tree.ts'

/** Runs `body` while no other process starts or stops the same region. Throws BUSY when one does for longer than `patience` milliseconds. */
export async function withLock<T>(path: string, patience: number, body: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      const file = openSync(path, 'wx', 0o600)
      writeSync(file, JSON.stringify(identify(process.pid)))
      closeSync(file)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = readHolder(path)
      if (!holder || !isAlive(holder)) {
        rmSync(path, { force: true })
        continue
      }
      if (performance.now() > deadline)
        throw new LocalRegionError(
          'BUSY',
          `Process ${holder.pid} is starting or stopping this region. Wait for it, then try again.`,
        )
    }
    await sleep(200)
  }
  try {
    return await body()
  } finally {
    rmSync(path, { force: true })
  }
}

function readHolder(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessId
  } catch {
    return undefined
  }
}
