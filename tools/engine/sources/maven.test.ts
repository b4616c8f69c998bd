import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MavenPin } from '../pins.ts'
import { fakeMaking, fakePin } from '../test/fake.ts'
import { script, temp } from '../test/temp.ts'
import { differences, fromMaven } from './maven.ts'

const pin: MavenPin = { kind: 'maven', pom: 'kafka', versions: { 'kafka.version': '1' } }
const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

/** A Maven that writes one jar. */
const fakeMvn = (bin: string) =>
  script(
    join(bin, 'mvn'),
    'for a; do case $a in -DoutputDirectory=*) printf hello > "$(echo "$a" | cut -d= -f2)/a.jar";; esac; done',
  )

test('tells every difference', () => {
  assert.deepEqual(differences({ a: '1', b: '2', c: '3' }, { a: '1', b: '9', d: '4' }), [
    'b is not the pinned file',
    'c is missing',
    'd is not pinned',
  ])
})

test('without Maven it says what to install', async (t) => {
  const making = fakeMaking(temp(t), fakePin('x'), { environment: { PATH: temp(t) } })
  await assert.rejects(fromMaven(pin, making), {
    code: 'UNAVAILABLE',
    message: /Maven is missing\. .*apt-get install maven/,
  })
})

test('keeps jars whose checksums are pinned, and refuses others', async (t) => {
  const bin = temp(t)
  fakeMvn(bin)
  const environment = { PATH: `${bin}:/usr/bin:/bin` }
  const lock = (sum: string) => ({ debian: {}, maven: { kafka: { 'a.jar': sum } } })
  await fromMaven(pin, fakeMaking(temp(t), fakePin('x'), { environment, lock: lock(hello) }))
  await assert.rejects(fromMaven(pin, fakeMaking(temp(t), fakePin('x'), { environment, lock: lock('0') })), {
    code: 'CHECKSUM',
    message: /a\.jar is not the pinned file\. .*--pin/,
  })
})
