import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CpuProfile } from './flame.ts'

/** Node's inspector, which SIGUSR1 opens on loopback; inside a pod that is the pod's own. */
const inspector = 'http://127.0.0.1:9229'

/**
 * Profiles a Node process in a pod for some seconds from outside: opens its inspector, which nobody but the pod can reach, and closes it again. Rejects where the
 * process is not Node, or its inspector does not answer.
 */
export async function profileProcess(pid: number, seconds: number, signal: AbortSignal): Promise<CpuProfile> {
  const dir = mkdtempSync(join(tmpdir(), 'nd-profile-'))
  try {
    const out = join(dir, 'cpuprofile')
    process.kill(pid, 'SIGUSR1')
    const args = ['--target', String(pid), '--net', process.execPath, import.meta.filename, String(seconds), out]
    await promisify(execFile)('nsenter', args, { signal })
    return JSON.parse(readFileSync(out, 'utf8')) as CpuProfile
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The inspector's address, as soon as it answers. */
async function target(): Promise<string> {
  for (let left = 50; ; left--) {
    try {
      const list = (await (await fetch(`${inspector}/json/list`)).json()) as { webSocketDebuggerUrl: string }[]
      const [first] = list
      if (first) return first.webSocketDebuggerUrl
    } catch (error) {
      if (left === 0) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Runs inside the pod's network: one profile over the inspector's protocol. */
async function record(seconds: number, out: string): Promise<void> {
  const socket = new WebSocket(await target())
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map<number, (result: unknown) => void>()
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id !== undefined) waiting.get(id)?.(result)
  }
  let next = 0
  const call = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++next, resolve)
      socket.send(JSON.stringify({ id: next, method, params }))
    })
  await call('Profiler.enable')
  await call('Profiler.setSamplingInterval', { interval: 1_000 })
  await call('Profiler.start')
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const { profile } = (await call('Profiler.stop')) as { profile: CpuProfile }
  writeFileSync(out, JSON.stringify(profile))
  const expression = "setImmediate(() => process.getBuiltinModule('node:inspector').close())"
  await call('Runtime.evaluate', { expression })
  socket.close()
}

if (import.meta.main) await record(Number(process.argv[2]), process.argv[3] ?? '')
