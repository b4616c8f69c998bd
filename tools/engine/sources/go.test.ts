import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { GoPin } from '../pins.ts'
import { fakeMaking, fakePin } from '../test/fake.ts'
import { script, temp } from '../test/temp.ts'
import { atLeast, fromGo } from './go.ts'

const pin: GoPin = { kind: 'go', module: 'etcd', packages: ['.'], set: { 'x.Version': 'v1' } }

test('versions compare by number', () => {
  assert.ok(atLeast('1.26.8', '1.26'))
  assert.ok(atLeast('1.100', '1.26'))
  assert.ok(atLeast('2', '1.26'))
  assert.ok(!atLeast('1.9', '1.26'))
  const version = fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'))
  fc.assert(fc.property(version, version, (a, b) => atLeast(a, b) || atLeast(b, a)))
  fc.assert(fc.property(version, (a) => atLeast(a, a)))
})

test('without Go, or with an old one, it says which is needed', async (t) => {
  const bin = temp(t)
  const making = fakeMaking(temp(t), fakePin('etcd'), { environment: { PATH: bin } })
  await assert.rejects(fromGo(pin, making), {
    code: 'UNAVAILABLE',
    message: 'Go is missing. Install Go 1.26 or newer and put it on PATH.',
  })
  script(join(bin, 'go'), 'echo go version go1.19.8 linux/amd64')
  await assert.rejects(fromGo(pin, making), {
    code: 'UNAVAILABLE',
    message: /this is go version go1\.19\.8 .* Go 1\.26 is needed/,
  })
})

test('takes build tags, and files of a module along', async (t) => {
  const [bin, module] = [temp(t), temp(t)]
  writeFileSync(join(module, 'kinds.yaml'), 'kind: X', { mode: 0o444 })
  script(
    join(bin, 'go'),
    [
      'if [ "$1" = version ]; then echo go version go1.26.8 linux/amd64; exit; fi',
      `if [ "$1 $2" = "list -m" ]; then echo ${module}; exit; fi`,
      `echo "$*" >> ${bin}/calls`,
    ].join('\n'),
  )
  const making = fakeMaking(temp(t), fakePin('etcd'), { environment: { PATH: `${bin}:/usr/bin:/bin` } })
  mkdirSync(making.folder, { recursive: true })
  await fromGo({ ...pin, tags: ['a', 'b'], files: { 'all.yaml': ['x.io/x', 'kinds.yaml'] } }, making)
  const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')
  assert.match(calls[0] ?? '', /^list -deps -tags a,b \.$/)
  assert.match(calls[1] ?? '', / -tags a,b -ldflags /)
  assert.equal(readFileSync(join(making.folder, 'all.yaml'), 'utf8'), 'kind: X')
  assert.equal(statSync(join(making.folder, 'all.yaml')).mode & 0o777, 0o644)
})

test('builds in an environment where the committed go.mod decides', async (t) => {
  const bin = temp(t)
  script(
    join(bin, 'go'),
    [
      'if [ "$1" = version ]; then echo go version go1.26.8 linux/amd64; exit; fi',
      `echo "$PWD $* $CGO_ENABLED $GOFLAGS $GOWORK" >> ${bin}/calls`,
      '[ "$1" = list ] && printf "a\\nb\\n"; echo k8s.io/a >&2; echo "go: downloading x v1" >&2',
    ].join('\n'),
  )
  const environment = { PATH: `${bin}:/usr/bin:/bin`, GOFLAGS: '-mod=vendor', GOWORK: '/x' }
  const making = fakeMaking(temp(t), fakePin('etcd'), { environment })
  await fromGo(pin, making)
  const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')
  assert.match(calls[0] ?? '', /go\/etcd list -deps \. 0 -mod=readonly off$/)
  assert.match(
    calls[1] ?? '',
    /build -v -trimpath -buildvcs=false -ldflags -s -w -X x\.Version=v1 -o .*\/ \. 0 -mod=readonly off$/,
  )
  assert.ok(making.notes.includes('compiling, 1 of 2 packages'))
  assert.ok(making.notes.includes('fetching Go modules, 1 so far'))
})
