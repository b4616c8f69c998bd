import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareVersions, type ModelEntry, ModelListError, parseModelList, writeModelList } from './model-list.ts'

const sha256 = 'ab'.repeat(32)
const good = { name: 'threat-detection', version: '2', uri: 's3://models/threat/2.onnx', sha256 }
const problemsOf = (value: unknown): readonly string[] => {
  try {
    parseModelList(typeof value === 'string' ? value : JSON.stringify(value))
  } catch (error) {
    assert.ok(error instanceof ModelListError)
    return error.problems
  }
  return []
}

test('several models and versions are read, with limits where there are some', () => {
  const batching = { maxBatch: 64, maxDelay: '2ms', maxQueue: 512 }
  const [first, second] = parseModelList(JSON.stringify({ models: [good, { ...good, version: '3', batching }] }))
  assert.equal(first?.uri.href, good.uri)
  assert.deepEqual(first?.batching, {})
  assert.deepEqual(second?.batching, { maxBatch: 64, maxDelayMs: 2, maxQueue: 512 })
})

test('everything that is wrong is said at once, each with its place', () => {
  const bad = { ...good, name: 'a/b', uri: 'ftp://x/y', sha256: 'AB', batching: { maxBatch: 0, maxDelay: '2', top: 1 } }
  assert.deepEqual(problemsOf({ models: [good, good, bad], more: 1 }), [
    'list.more is nothing that a model list knows: models.',
    'models[1] is threat-detection/2 a second time: a version is one file.',
    "models[2].name must be 1 to 63 of A-Z, a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.",
    'models[2].sha256 must be 64 hexadecimal digits in lower case.',
    'models[2].uri must be a URL that begins with file://, http://, https://, s3://.',
    'models[2].batching.top is nothing that a model list knows: maxBatch, maxDelay, maxQueue.',
    'models[2].batching.maxBatch must be a whole number from 1 to 65536.',
    "models[2].batching.maxDelay must be a duration such as '2ms'.",
  ])
})

test('what is no list is refused with a sentence', () => {
  assert.deepEqual(problemsOf('{'), ['It is not JSON.'])
  assert.deepEqual(problemsOf([]), ['It must be {"models": [...]}.'])
  assert.deepEqual(problemsOf({ models: [] }), ['models has 0 entries; it must have 1 to 100.'])
  assert.equal(problemsOf({ models: [null] }).length, 4)
})

test('a source has no secret, and says where', () => {
  const uriProblem = (uri: string) => problemsOf({ models: [{ ...good, uri }] })
  assert.match(uriProblem('https://me:secret@host/m.onnx')[0]!, /must not carry a user or password/)
  assert.match(uriProblem('file://host/m.onnx')[0]!, /must name no host/)
  assert.match(uriProblem('s3:///m.onnx')[0]!, /must name a host or bucket/)
  assert.match(uriProblem('https://host/')[0]!, /must name a file/)
  assert.deepEqual(uriProblem('file:///models/m.onnx'), [])
})

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?$/)
const entry: fc.Arbitrary<ModelEntry> = fc.record(
  {
    name,
    version: name,
    uri: fc.constantFrom('file:///m.onnx', 'https://h/m.onnx', 's3://b/k/m.onnx').map((text) => new URL(text)),
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    batching: fc.record(
      { maxBatch: fc.integer({ min: 1, max: 65_536 }), maxDelayMs: fc.integer({ min: 0, max: 1_000 }) },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
)

test('what is written is read back as it was', () => {
  const lists = fc.uniqueArray(entry, {
    minLength: 1,
    maxLength: 20,
    selector: ({ name, version }) => `${name}/${version}`,
  })
  fc.assert(fc.property(lists, (entries) => assert.deepEqual(parseModelList(writeModelList(entries)), entries)))
})

test('versions stand in the order in which people count', () => {
  const sorted = ['1', '2', '10', '10.1', '10.2', '10.10', 'v1', 'v2', 'v12']
  assert.deepEqual(sorted.toReversed().sort(compareVersions), sorted)
  const version = fc.stringMatching(/^[a-z0-9.]{1,12}$/)
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    }),
  )
})
