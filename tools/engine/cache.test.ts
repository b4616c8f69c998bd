import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Cache } from './cache.ts'
import { temp } from './test/temp.ts'

const finished = { source: 'go', milliseconds: 1_500, remarks: ['x'] }

test('an artefact is there whole or not at all', (t) => {
  const cache = new Cache(temp(t))
  const made = cache.scratch('etcd')
  writeFileSync(join(made, 'etcd'), 'one')
  assert.equal(cache.has('etcd-1'), false)
  cache.complete(made, 'etcd-1', finished)
  assert.ok(cache.has('etcd-1'))
  assert.deepEqual(cache.record('etcd-1'), finished)
  assert.equal(existsSync(made), false)
})

test('a folder without its record is made anew', (t) => {
  const cache = new Cache(temp(t))
  mkdirSync(cache.artefact('etcd-1'))
  assert.equal(cache.has('etcd-1'), false)
  const made = cache.scratch('etcd')
  writeFileSync(join(made, 'etcd'), 'two')
  cache.complete(made, 'etcd-1', finished)
  assert.equal(readFileSync(join(cache.artefact('etcd-1'), 'etcd'), 'utf8'), 'two')
})

test('what a dead process left is swept, what a living one makes is not', async (t) => {
  const cache = new Cache(temp(t))
  const child = spawn('true')
  await once(child, 'exit')
  const left = cache.path('artefacts', `.etcd.${child.pid}-1.0`)
  mkdirSync(left)
  writeFileSync(`${left}.json`, '')
  writeFileSync(cache.path('locks', `etcd.${child.pid}.0`), `${child.pid} 1`)
  const mine = cache.scratch('etcd')
  cache.sweep()
  assert.deepEqual(
    readdirSync(cache.path('artefacts')).map((n) => cache.path('artefacts', n)),
    [mine],
  )
  assert.deepEqual(readdirSync(cache.path('locks')), [])
})

test('clean removes what is not to be kept', (t) => {
  const cache = new Cache(temp(t))
  for (const name of ['etcd-old', 'etcd-new']) cache.complete(cache.scratch('etcd'), name, finished)
  writeFileSync(cache.path('debs', 'a_1.deb'), '')
  writeFileSync(cache.path('debs', 'a_2.deb'), '')
  mkdirSync(join(cache.root, 'images'))
  assert.deepEqual(cache.clean(new Set(['etcd-new']), new Set(['a_2.deb'])), ['etcd-old', 'a_1.deb', 'images'])
  assert.ok(cache.has('etcd-new'))
  assert.deepEqual(readdirSync(cache.path('artefacts')).sort(), ['etcd-new', 'etcd-new.json'])
})

test('remembers how long things took', (t) => {
  const cache = new Cache(temp(t))
  assert.equal(cache.usual('etcd', 'go'), undefined)
  cache.remember('etcd', 'go', 1234.5)
  assert.equal(cache.usual('etcd', 'go'), 1235)
})
