import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** A folder that goes with the test. */
export function temp(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'engine-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An executable shell script. */
export function script(file: string, body: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}
