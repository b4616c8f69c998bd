import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Documents } from './documents.ts'

const read = (pieces: readonly string[]) => {
  const found: unknown[] = []
  const documents = new Documents((document) => found.push(document))
  for (const piece of pieces) documents.push(piece)
  documents.end()
  return { found, bad: documents.bad }
}

/** Text cut at some places. */
const cut = (text: string, places: readonly number[]): string[] => {
  const at = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])].sort((a, b) => a - b)
  return at.slice(1).map((end, index) => text.slice(at[index], end))
}

test('documents in any layout are read, wherever the pieces are cut', () => {
  const values = fc.array(
    fc.oneof(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), fc.array(fc.jsonValue({ maxDepth: 1 }))),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  const layouts = fc.constantFrom('lines', 'pretty', 'joined', 'crlf')
  fc.assert(
    fc.property(values, layouts, fc.array(fc.nat()), (documents, layout, places) => {
      const text =
        layout === 'lines'
          ? documents.map((one) => `${JSON.stringify(one)}\n`).join('')
          : layout === 'crlf'
            ? documents.map((one) => `${JSON.stringify(one)}\r\n\r\n`).join('')
            : layout === 'pretty'
              ? documents.map((one) => JSON.stringify(one, null, 2)).join('\n')
              : documents.map((one) => JSON.stringify(one)).join('')
      assert.deepEqual(read(cut(text, places)), { found: JSON.parse(JSON.stringify(documents)), bad: [] })
    }),
    { numRuns: 1_000 },
  )
})

test('a bad line costs itself alone, and its number is told', () => {
  const { found, bad } = read(['{"a":1}\n{"b":\n\n{"c":3}\nhalf\n{"d":}\n{\n "e": [\n 4 ]\n}\n[5'])
  assert.deepEqual(found, [{ a: 1 }, { c: 3 }, { e: [4] }])
  assert.deepEqual(
    bad.map(({ line }) => line),
    [2, 5, 6, 11],
  )
})

test('after a bad document of many lines the rest of the file is given up', () => {
  const { found, bad } = read(['{\n "a": 1\n}\n{\n "b" 2\n}\n{\n "c": 3\n}\n'])
  assert.deepEqual(found, [{ a: 1 }])
  assert.equal(bad.length, 1)
  assert.equal(bad[0]?.line, 4)
})

test('a document without an end is told', () => {
  assert.deepEqual(read(['{\n "a": "']), { found: [], bad: [{ line: 1, reason: 'The document has no end.' }] })
})
