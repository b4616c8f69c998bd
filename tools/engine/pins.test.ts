import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { operators } from '../../policies/operators.ts'
import { artefactIds, goFolder, pinHash, pins, pomFile, readLock, regionArtefacts } from './pins.ts'

const lock = readLock()
const sources = artefactIds.flatMap((id) => pins[id].sources.map((source) => ({ id, source })))

test('every Debian package and every jar has a checksum', () => {
  for (const { source } of sources) {
    if (source.kind === 'debian')
      for (const name of source.packages) assert.match(lock.debian[name]?.sha256 ?? '', /^[0-9a-f]{64}$/, name)
    if (source.kind === 'maven') {
      const jars = Object.entries(lock.maven[source.pom] ?? {})
      assert.ok(jars.length > 0 && existsSync(pomFile(source.pom)))
      for (const [jar, sum] of jars) assert.match(sum, /^[0-9a-f]{64}$/, jar)
    }
    if (source.kind === 'vendor') assert.match(source.sha512, /^[0-9a-f]{128}$/)
    if (source.kind === 'pypi') assert.match(source.sha256, /^[0-9a-f]{64}$/)
  }
})

test('the lock names nothing that no artefact takes', () => {
  const taken = new Set(sources.flatMap(({ source }) => (source.kind === 'debian' ? source.packages : [])))
  assert.deepEqual(
    Object.keys(lock.debian).filter((name) => !taken.has(name)),
    [],
  )
})

test('go.mod requires the pinned version, and go.sum is there', () => {
  for (const { id, source } of sources) {
    if (source.kind !== 'go') continue
    const mod = readFileSync(join(goFolder(source.module), 'go.mod'), 'utf8')
    // A program of ours alone, which takes nothing in, has nothing to pin.
    if (!/^require/m.test(mod)) {
      assert.deepEqual(source.packages, ['.'], id)
      continue
    }
    assert.match(mod, new RegExp(`^require \\S+ v${pins[id].version.replaceAll('.', '\\.')}$`, 'm'), id)
    assert.ok(existsSync(join(goFolder(source.module), 'go.sum')), id)
  }
})

test('istiod is of the series that the charts of the clouds have', () => {
  const mod = readFileSync(join(goFolder('istiod'), 'go.mod'), 'utf8')
  const series = /^\tistio\.io\/api v(\d+\.\d+)\./m.exec(mod)?.[1]
  assert.equal(series, operators.charts.istiod.version.split('.').slice(0, 2).join('.'))
})

test('the profile core asks for nothing that only full needs', () => {
  const more = regionArtefacts('full').filter((id) => !regionArtefacts('core').includes(id))
  assert.deepEqual(more, ['istiod', 'envoy', 'keda'])
})

test('a program belongs to one artefact', () => {
  const names = artefactIds.flatMap((id) => Object.keys(pins[id].programs))
  assert.equal(new Set(names).size, names.length)
})

test('whatever decides what comes out changes the name', () => {
  const { redis, kafka, kubernetes } = pins
  const libssl3 = lock.debian.libssl3
  assert.ok(libssl3)
  const otherDeb = { ...lock, debian: { ...lock.debian, libssl3: { ...libssl3, sha256: '0' } } }
  assert.notEqual(pinHash(redis, otherDeb), pinHash(redis, lock))
  assert.equal(pinHash(kafka, otherDeb), pinHash(kafka, lock))
  assert.notEqual(pinHash(kafka, { ...lock, maven: {} }), pinHash(kafka, lock))
  assert.notEqual(pinHash({ ...kubernetes, revision: 99 }, lock), pinHash(kubernetes, lock))
})
