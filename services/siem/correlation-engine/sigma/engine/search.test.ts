import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fold } from '../pattern.ts'
import { Automaton, type Literal, type Sink } from './automaton.ts'
import { SkipSearch } from './skip.ts'
import { EdgeTree } from './tree.ts'

const found = (search: { scan(text: string, sink: Sink): void }, text: string): number[] => {
  const numbers = new Set<number>()
  search.scan(text, { hit: (number) => numbers.add(number) })
  return [...numbers].sort((a, b) => a - b)
}

// The Kelvin sign folds to k, the dotted capital I to i and a dot, the final sigma to a sigma.
const unit = fc.constantFrom('a', 'b', 'A', 'k', 'K', 'i', 'İ', 'é', 'É', 'ς', ':', '@', '`')
const texts = fc.string({ unit, maxLength: 24 })
const literals = (minLength: number, units: fc.Arbitrary<string>): fc.Arbitrary<Literal[]> =>
  fc
    .array(fc.string({ unit: units, minLength, maxLength: 9 }), { minLength: 1, maxLength: 6 })
    .map((all) => all.map((text, number) => ({ text: fold(text), number })))

const expected = (all: readonly Literal[], holds: (literal: string) => boolean): number[] =>
  all.filter(({ text }) => holds(text)).map(({ number }) => number)

test('the automaton finds every literal in the folded text', () => {
  fc.assert(
    fc.property(literals(1, unit), texts, (all, text) => {
      assert.deepEqual(
        found(new Automaton(all), text),
        expected(all, (literal) => fold(text).includes(literal)),
      )
    }),
    { numRuns: 2_000 },
  )
})

test('the search that skips finds the same, in texts that hold literals too', () => {
  const ascii = fc.constantFrom('a', 'b', 'k', 'i', ':', '@', '`')
  const withLiterals = fc
    .tuple(literals(4, ascii), fc.array(fc.oneof(texts, fc.nat(5)), { maxLength: 4 }))
    .map(([all, parts]) => ({
      all,
      text: parts
        .map((part) => (typeof part === 'string' ? part : (all[part % all.length]?.text ?? '')))
        .join('')
        .replaceAll('k', 'K')
        .replaceAll('i', 'İ'),
      other: parts
        .map((part) => (typeof part === 'string' ? part : (all[part % all.length]?.text.toUpperCase() ?? '')))
        .join(''),
    }))
  fc.assert(
    fc.property(withLiterals, ({ all, text, other }) => {
      assert.ok(SkipSearch.suits(all))
      const search = new SkipSearch(all)
      for (const one of [text, other])
        assert.deepEqual(
          found(search, one),
          expected(all, (literal) => fold(one).includes(literal)),
          one,
        )
    }),
    { numRuns: 3_000 },
  )
})

test('the tree finds every literal at its edge, and whole texts', () => {
  fc.assert(
    fc.property(literals(1, unit), literals(0, unit), texts, fc.boolean(), (edges, wholes, text, fromEnd) => {
      const numbered = wholes.map(({ text: whole, number }) => ({ text: whole, number: number + edges.length }))
      const folded = fold(text)
      assert.deepEqual(found(new EdgeTree(fromEnd, edges, numbered), text), [
        ...expected(edges, (literal) => (fromEnd ? folded.endsWith(literal) : folded.startsWith(literal))),
        ...expected(numbered, (literal) => folded === literal),
      ])
    }),
    { numRuns: 2_000 },
  )
})
