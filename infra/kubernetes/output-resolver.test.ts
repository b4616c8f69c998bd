import assert from 'node:assert/strict'
import { test } from 'node:test'
import { all, isSecret, type Output, output, secret } from '@pulumi/pulumi'
import { base64, checksum, derive, OutputResolver } from './output-resolver.ts'

const value = <T>(of: Output<T>): Promise<T> =>
  new Promise((resolve) => all([of]).apply(([known]) => resolve(known as T)))

test('an Output goes into JSON as a placeholder and comes back as itself', () => {
  const outputs = new OutputResolver()
  const [a, b] = [output('a'), output('b')]
  const json = { list: [outputs.placeholder(a)], deep: { b: outputs.placeholder(b), plain: 'text' } }
  assert.equal(outputs.placeholder(a), json.list[0])
  const restored = outputs.restore(json) as { list: unknown[]; deep: Record<string, unknown> }
  assert.equal(restored.list[0], a)
  assert.equal(restored.deep.b, b)
  assert.equal(restored.deep.plain, 'text')
})

test('a placeholder of another synthesis is refused', () => {
  assert.throws(() => new OutputResolver().restore(['pulumi-output:0']), {
    name: 'RangeError',
    message: "'pulumi-output:0' is not a placeholder of this synthesis.",
  })
})

test('plain inputs stay plain, Outputs stay Outputs and secrets stay secret', async () => {
  assert.equal(
    derive(['a', 'b'], (a, b) => a + b),
    'ab',
  )
  const derived = derive([secret('a'), 'b'], (a, b) => a + b) as Output<string>
  assert.equal(await value(derived), 'ab')
  assert.equal(await isSecret(derived), true)
  assert.equal(base64('text'), 'dGV4dA==')
})

test('a checksum is the same for Outputs and plain texts, and is no secret', async () => {
  const plain = checksum({ b: '2', a: '1' })
  const later = checksum({ a: output('1'), b: secret('2') }) as Output<string>
  assert.equal(await value(later), plain)
  assert.equal(await isSecret(later), false)
  assert.notEqual(checksum({ a: '1', b: '3' }), plain)
})
