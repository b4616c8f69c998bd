import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLog } from '../log/log.ts'
import { TestAuthority } from '../testing/certificates.ts'
import { TestMount } from '../testing/mount.ts'
import { readTls, TlsFiles, type TlsMaterial } from './material.ts'

const [authority, other] = await Promise.all([TestAuthority.create(), TestAuthority.create()])
const [first, second] = [await authority.issue('first'), await authority.issue('second')]
const foreign = await other.issue('first')
const root = mkdtempSync(join(tmpdir(), 'nd-tls-test-'))
after(() => rmSync(root, { recursive: true }))

/** Longer than any test: only `reload` reads. */
const never = 3_600_000

function watched(from: string, pollMs = never) {
  const mount = new TestMount(from)
  const lines: string[] = []
  const files = new TlsFiles(mount.dir, createLog({ level: 'info', write: (line) => lines.push(line) }), pollMs)
  const changes: TlsMaterial[] = []
  files.onChange((material) => changes.push(material))
  return { mount, lines, files, changes }
}

const certificate = (dir: string) => readFileSync(join(dir, 'tls.crt'), 'utf8')

test('files that are swapped under the process are taken up by polling, with no word from anybody', async () => {
  const { mount, files } = watched(first, 1)
  const changed = new Promise<TlsMaterial>((resolve) => files.onChange(resolve))
  mount.put(second)
  assert.equal((await changed).cert.toString(), certificate(second))
  files.close()
})

test('an authority that alone is replaced counts as a change', () => {
  const { mount, files, changes } = watched(first)
  const renewed = join(root, 'renewed')
  cpSync(first, renewed, { recursive: true })
  cpSync(join(foreign, 'ca.crt'), join(renewed, 'ca.crt'))
  mount.put(renewed)
  files.reload()
  assert.equal(changes.at(-1)?.ca.toString(), other.ca)
  files.close()
})

test('a certificate without its key leaves the old one in force, says so once, and counts when it is whole', () => {
  const { mount, files, changes, lines } = watched(first)
  const torn = join(root, 'torn')
  cpSync(first, torn, { recursive: true })
  cpSync(join(second, 'tls.crt'), join(torn, 'tls.crt'))
  mount.put(torn)
  files.reload()
  files.reload()
  assert.equal(files.current.cert.toString(), certificate(first))
  assert.deepEqual([changes.length, lines.length], [0, 1])
  assert.match(lines[0] ?? '', /cannot be used; the old one stays/)
  assert.doesNotMatch(lines[0] ?? '', /PRIVATE/)
  mount.put(second)
  files.reload()
  assert.equal(files.current.cert.toString(), certificate(second))
  assert.equal(changes.length, 1)
  files.close()
})

test('equal files are no change', () => {
  const { mount, files, changes } = watched(first)
  mount.put(first)
  files.reload()
  assert.equal(changes.length, 0)
  files.close()
})

test('a folder without a certificate is refused with its path', () => {
  assert.throws(() => readTls(join(root, 'nothing')), { code: 'NO_TLS', message: /nothing\/tls\.crt cannot be read/ })
})
