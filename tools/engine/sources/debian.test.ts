import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMadison, parseShow } from './apt.ts'
import { choose, series } from './debian.ts'

const pinned = (version: string) => ({ version, architecture: 'amd64', sha256: 'aa', size: 1 })

test('reads what apt prints', () => {
  const madison = [
    'containerd | 1.6.20~ds1-1+deb12u3 | http://x bookworm/main amd64 Packages',
    'containerd | 1.6.20~ds1-1+deb12u2 | http://x bookworm-security/main amd64 Packages',
    ' libc6 | 2.36-9 | http://x bookworm/main amd64 Packages',
    'containerd | 9 | http://x bookworm/main Sources',
  ]
  assert.deepEqual(
    [...parseMadison(madison.join('\n'))],
    [
      ['containerd', ['1.6.20~ds1-1+deb12u3', '1.6.20~ds1-1+deb12u2']],
      ['libc6', ['2.36-9']],
    ],
  )
  const show = 'Package: a\nVersion: 1:2-3\nArchitecture: all\nSize: 12\nSHA256: ff\n\nPackage: b\nVersion: 4\n'
  assert.deepEqual(parseShow(show).a, { version: '1:2-3', architecture: 'all', sha256: 'ff', size: 12 })
  assert.deepEqual(Object.keys(parseShow(show)), ['a', 'b'])
})

test('a series is the first two numbers; packages that count by date have one', () => {
  assert.equal(series('5:7.0.15-1~deb12u10'), '7.0')
  assert.equal(series('17.0.21.1+2-1~deb12u1'), '17.0')
  assert.equal(series('2025b-0+deb12u2'), 'by date')
  assert.equal(series('20250419~deb12u2'), series('20260101'))
})

test('the pinned version while the archive has it', () => {
  const choice = choose(['a'], { a: pinned('1.2-3') }, new Map([['a', ['1.2-4', '1.2-3']]]))
  assert.deepEqual(choice, { wanted: [{ name: 'a', version: '1.2-3', sha256: 'aa' }], remarks: [] })
})

test('else the signed candidate of the same series, and it says so', () => {
  const { wanted, remarks } = choose(['a'], { a: pinned('1.2-3') }, new Map([['a', ['1.2-4']]]))
  assert.deepEqual(wanted, [{ name: 'a', version: '1.2-4' }])
  assert.deepEqual(remarks, ['a 1.2-3 has left the Debian archive; 1.2-4 stands in, signed by the archive'])
})

test('the archive of another Debian is refused with every reason', () => {
  assert.throws(() => choose(['a', 'b', 'c'], { a: pinned('1.2-3'), b: pinned('1-1') }, new Map([['a', ['1.3-1']]])), {
    code: 'UNAVAILABLE',
    message:
      "this machine's Debian archive does not fit: a is 1.3-1 there, not 1.2-3; b 1-1 is not there; " +
      'c is not in pins.lock.json: run node tools/engine/main.ts --pin. It must be one of Debian 12 (bookworm)',
  })
})
