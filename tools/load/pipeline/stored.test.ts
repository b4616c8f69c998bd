import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareStored, readStored, storedQuery } from './stored.ts'

const batch = (name: string, events: number) => ({ tenant: 'a', batch: name, events, canaries: [] })
const row = (name: string, rows: number, lines: number) => ({ tenant: 'a', batch: name, rows, lines })

test('what was acknowledged and is not stored is lost; what is stored twice is doubled; more than acknowledged is allowed', () => {
  assert.deepEqual(compareStored([batch('x', 3), batch('y', 2)], [row('x', 3, 3), row('y', 2, 2)]), {
    acknowledged: 5,
    lost: 0,
    doubled: 0,
    beyond: 0,
  })
  assert.equal(compareStored([batch('x', 3), batch('y', 2)], [row('x', 2, 2)]).lost, 3)
  assert.equal(compareStored([batch('x', 3)], [row('x', 6, 3)]).doubled, 3)
  assert.equal(compareStored([batch('x', 3)], [row('x', 3, 3), row('z', 4, 4)]).beyond, 4)
  // Twice two of three is not three.
  assert.deepEqual(compareStored([batch('x', 3)], [row('x', 4, 2)]), {
    acknowledged: 3,
    lost: 1,
    doubled: 2,
    beyond: 0,
  })
  // The same batch of another tenant is another batch.
  assert.equal(compareStored([batch('x', 3)], [{ ...row('x', 3, 3), tenant: 'b' }]).lost, 3)
})

test('reads what the engine answers, and asks for prefixes of ours alone', () => {
  assert.deepEqual(readStored('a\tx-1\t3\t3\n'), [row('x-1', 3, 3)])
  assert.throws(() => storedQuery("x' OR 1"), RangeError)
})
