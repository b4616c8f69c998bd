import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConsumedRecord } from '../bus/bus.ts'
import { MapFold } from './fold.ts'
import { encodeMapRecord } from './format.ts'
import { exampleMap } from './testing.ts'

/** A log as managers write it; each remembers what it had read when it last looked. */
class Log {
  readonly records: ConsumedRecord[] = []
  #keys = 0

  append(name: string, value: Buffer): string {
    const key = `${name}/${this.#keys++}`
    this.records.push({ offset: BigInt(this.records.length), key: Buffer.from(key), value, timestamp: 0 })
    return key
  }

  remove(key: string): void {
    this.records.push({
      offset: BigInt(this.records.length),
      key: Buffer.from(key),
      value: Buffer.alloc(0),
      timestamp: 0,
    })
  }

  /** What compaction may leave: of each key the last record for certain, older ones by chance; removals are kept. */
  compacted(chance: () => boolean): readonly ConsumedRecord[] {
    const last = new Map(this.records.map(({ key, offset }) => [key!.toString(), offset]))
    return this.records.filter(({ key, offset }) => last.get(key!.toString()) === offset || chance())
  }
}

/** Reads up to some point, believes what it read, writes by it, and removes what it has seen followed. */
class Manager {
  readonly #log: Log
  readonly #writer: string
  readonly fold = new MapFold()
  #read = 0
  #superseded: string[] = []
  #current: string | undefined
  #term = 0
  #pending = 0

  constructor(log: Log, writer: string) {
    this.#log = log
    this.#writer = writer
  }

  read(most: number): void {
    for (const record of this.#log.records.slice(this.#read, this.#read + most)) {
      const key = record.key!.toString()
      const outcome = this.fold.apply(record)
      if (outcome.is === 'claim' && outcome.record.writer === this.#writer) this.#term = outcome.record.term
      if (outcome.is === 'map') {
        if (this.#current) this.#superseded.push(this.#current)
        this.#current = key
        if (outcome.record.writer === this.#writer) this.#pending = 0
      }
      if (outcome.is === 'refused') this.#superseded.push(key)
      this.#read++
    }
  }

  claim(): void {
    const term = this.fold.term.term + 1
    this.#log.append('claim', encodeMapRecord({ kind: 'claim', term, writer: this.#writer }))
  }

  /** One version ahead of what it has read, and none before that counts; `again`: as after a lost answer. */
  publish(again: boolean): void {
    if (this.#term === 0 || (this.#pending > 0 && !again)) return
    const version = (this.fold.map?.content.version ?? 0) + 1
    const content = { ...exampleMap(), version }
    this.#pending = version
    this.#log.append('map', encodeMapRecord({ kind: 'map', term: this.#term, writer: this.#writer, content }))
  }

  /** Only once a version of its own counts, as the writer does. */
  retire(): void {
    if (this.fold.map?.writer === this.#writer) for (const key of this.#superseded.splice(0)) this.#log.remove(key)
  }
}

const acts = fc.array(
  fc.record({
    who: fc.nat(2),
    what: fc.constantFrom('claim', 'publish', 'publish', 'publish', 'again', 'retire', 'read', 'read', 'read', 'some'),
  }),
  { maxLength: 60 },
)

test('managers that do not know of each other: one line of versions, terms never fall, and compaction changes nothing', () => {
  fc.assert(
    fc.property(acts, fc.infiniteStream(fc.boolean()), (script, coins) => {
      const log = new Log()
      const managers = ['a', 'b', 'c'].map((writer) => new Manager(log, writer))
      for (const { who, what } of script) {
        const manager = managers[who]!
        if (what === 'claim') manager.claim()
        else if (what === 'retire') manager.retire()
        else if (what === 'read') manager.read(Number.POSITIVE_INFINITY)
        else if (what === 'some') manager.read(1)
        else manager.publish(what === 'again')
      }
      const live = new MapFold()
      let [version, term] = [0, 0]
      const owners = new Map<number, string>()
      for (const record of log.records) {
        const outcome = live.apply(record)
        if (outcome.is !== 'map') continue
        assert.equal(outcome.record.content.version, version + 1)
        assert.ok(outcome.record.term >= term)
        ;[version, term] = [outcome.record.content.version, outcome.record.term]
        // One writer to a term.
        assert.equal(owners.get(term) ?? outcome.record.writer, outcome.record.writer)
        owners.set(term, outcome.record.writer)
      }
      const next = coins[Symbol.iterator]()
      const later = MapFold.replay(log.compacted(() => next.next().value!))
      assert.deepEqual(later.map?.content.version, live.map?.content.version)
      assert.deepEqual(later.map?.writer, live.map?.writer)
      assert.deepEqual(later.term, live.term)
    }),
    { numRuns: 3_000 },
  )
})

test('why records count for nothing', () => {
  const fold = new MapFold()
  const apply = (value: Buffer) => fold.apply({ value })
  const map = (term: number, writer: string, version: number) =>
    encodeMapRecord({ kind: 'map', term, writer, content: { ...exampleMap(), version } })
  const claim = (term: number, writer: string) => encodeMapRecord({ kind: 'claim', term, writer })
  const refused = (why: string) => ({ is: 'refused', why })
  assert.deepEqual(apply(map(1, 'a', 1)), refused('fenced'))
  assert.equal(apply(claim(1, 'a')).is, 'claim')
  assert.deepEqual(apply(claim(1, 'b')), refused('fenced'))
  assert.deepEqual(apply(map(1, 'b', 1)), refused('fenced'))
  assert.equal(apply(map(1, 'a', 1)).is, 'map')
  assert.deepEqual(apply(map(1, 'a', 1)), refused('old'))
  assert.deepEqual(apply(map(1, 'a', 3)), refused('gap'))
  assert.deepEqual(apply(Buffer.from('{}')), refused('unreadable'))
  assert.deepEqual(apply(Buffer.alloc(0)), { is: 'removed' })
  assert.equal(apply(claim(2, 'b')).is, 'claim')
  assert.deepEqual(apply(map(1, 'a', 2)), refused('fenced'))
  assert.equal(apply(map(2, 'b', 2)).is, 'map')
})
