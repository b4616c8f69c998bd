import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startOurs } from '../peers/ours.ts'
import { classifier } from '../peers/requests.ts'
import { checked } from './checked.ts'

test('our runtime meets every requirement of the protocol, over TLS', async () => {
  const results = await checked(() => startOurs([classifier('1'), classifier('2')], { echoes: true, entry: 'tls' }))
  assert.deepEqual(
    results.filter(({ outcome }) => outcome !== 'pass'),
    [],
  )
})
