import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import struct from 'google-protobuf/google/protobuf/struct_pb.js'
import { decode, encode, type JsonObject, outermost, unknown } from './wire.ts'

const sig = '4dabf18193072939515e22adb298388d'
const message = (value: object) => struct.Struct.fromJavaScript(value as never)

test('markers are taken off and their places kept', () => {
  const { value, secrets, unknowns } = decode(
    message({
      plain: 1,
      secret: { [sig]: '1b47061264138c4ac30d75fd1eb44270', value: { deep: 'x' } },
      output: { [sig]: 'd0e6a833031e9bbcd3f4e8bde6ca49a4', secret: true, value: 'y' },
      later: { [sig]: 'd0e6a833031e9bbcd3f4e8bde6ca49a4' },
      list: ['3eeb2bf0-c639-47a8-9e75-3b44932eb421'],
      resource: { [sig]: '5cf8f73096256a8f31e491e813e4eb8e', urn: 'urn', id: 'id' },
    }),
  )
  assert.deepEqual(value, {
    plain: 1,
    secret: { deep: 'x' },
    output: 'y',
    later: unknown,
    list: [unknown],
    resource: 'id',
  })
  assert.deepEqual(secrets.map(String).sort(), ['output', 'secret'])
  assert.deepEqual(unknowns, [['later'], ['list', 0]])
})

test('an asset has no place in an object', () => {
  assert.throws(() => decode(message({ a: { [sig]: 'c44067f5952c0a294b673a41bacd8c17', text: 'x' } })), {
    message: 'a is an asset or an archive; a Kubernetes object holds values only.',
  })
})

test('what is encoded with secrets is decoded with them', () => {
  const value = { a: { b: 's' }, c: ['s', 't'] }
  const secrets = [['a', 'b'], ['a'], ['c', 1], ['missing']]
  const decoded = decode(encode(value, secrets))
  assert.deepEqual(decoded.value, value)
  assert.deepEqual(decoded.secrets, [['a'], ['c', 1]])
})

test('plain values survive the wire', () => {
  const json = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.array(fc.string()),
    ),
  )
  fc.assert(
    fc.property(json, (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as JsonObject
      assert.deepEqual(decode(encode(plain)).value, plain)
    }),
  )
})

test('the outermost paths cover all', () => {
  assert.deepEqual(outermost([['a', 'b'], ['a'], ['a'], ['b', 0], ['b', 0, 'c']]), [['a'], ['b', 0]])
})
