import assert from 'node:assert/strict'
import { readlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakePin } from '../test/fake.ts'
import { script, temp } from '../test/temp.ts'
import { type Found, find, linkFound, misfit } from './found.ts'

const program = { ask: ['--version'], answer: /v([\d.]+)/ }
const pin = fakePin('a', { version: '1.34.4', programs: { a: 'a', b: 'b' }, found: { a: program, b: program } })

test('all programs or none, the first folder first', (t) => {
  const folder = temp(t)
  script(join(folder, 'one', 'a'), 'echo v1.34.9')
  assert.deepEqual(find(pin, 'here', [join(folder, 'one')]), { missing: ['b'] })
  script(join(folder, 'two', 'a'), 'echo v1.30.0')
  script(join(folder, 'two', 'b'), 'echo v1.34.9')
  const found = find(pin, 'PATH', [join(folder, 'one'), join(folder, 'two')]) as Found
  assert.deepEqual(found.files, { a: join(folder, 'one', 'a'), b: join(folder, 'two', 'b') })
  linkFound(found, pin, folder)
  assert.equal(readlinkSync(join(folder, 'b')), join(folder, 'two', 'b'))
})

test('the pinned major and minor version fits, another or none does not', async (t) => {
  const folder = temp(t)
  const b = join(folder, 'b')
  script(join(folder, 'a'), 'echo v1.34.0')
  const verdict = async (body: string) => {
    script(b, body)
    return misfit(find(pin, folder, [folder]) as Found, pin, undefined)
  }
  assert.equal(await verdict('echo v1.34.9'), undefined)
  assert.equal(await verdict('echo v1.35.1'), `b in ${folder} is 1.35.1, not 1.34`)
  assert.equal(await verdict('exit 1'), `b in ${folder} does not tell its version`)
})

test('a changed file is another find', (t) => {
  const folder = temp(t)
  for (const name of ['a', 'b']) script(join(folder, name), 'echo v1.34.0')
  const before = find(pin, folder, [folder]) as Found
  assert.equal((find(pin, folder, [folder]) as Found).hash, before.hash)
  utimesSync(join(folder, 'a'), 1, 1)
  assert.notEqual((find(pin, folder, [folder]) as Found).hash, before.hash)
})
