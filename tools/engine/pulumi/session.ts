import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { place, quote } from './stand-ins.ts'

/** An executable on PATH. */
export function onPath(name: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * Makes `dir/session/bin/pulumi`, which runs the engine in a session of its own, and answers `dir/session`. A terminal sends Ctrl-C
 * to its whole foreground group: there the engine would get it besides the one that we pass on, and the engine takes a second one as
 * 'stop at once'. In return the kernel interrupts the engine when we end, however that comes. Undefined where setsid and setpriv (both
 * of util-linux) are missing.
 */
export function ownSession(dir: string, pulumi: string): string | undefined {
  const [setsid, setpriv] = [onPath('setsid'), onPath('setpriv')]
  if (!setsid || !setpriv) return undefined
  const root = join(dir, 'session')
  const bin = join(root, 'bin')
  mkdirSync(bin, { recursive: true })
  const line = `exec ${quote(setpriv)} --pdeathsig INT ${quote(setsid)} ${quote(pulumi)} "$@"`
  place(bin, 'pulumi', (path) => writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 }))
  return root
}
