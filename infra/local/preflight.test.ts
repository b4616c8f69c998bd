import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LocalRegionError } from './errors.ts'
import { demand, findings, type Machine, neededBytes } from './preflight.ts'
import { checkRegionName } from './state.ts'
import { volumeNames } from './volumes.ts'

const good: Machine = {
  platform: 'linux',
  root: true,
  missingPrograms: [],
  missingTools: [],
  namespaces: undefined,
  missingFeatures: [],
  stateFolder: '/state/x',
  stateUsable: undefined,
  freeBytes: neededBytes,
  containerdSocket: '/state/x/run/containerd.sock',
}

test('a good machine has no findings', () => {
  assert.deepEqual(findings(good), [])
  demand(good)
})

test('another system is the only finding: nothing else could be looked at', () => {
  assert.deepEqual(findings({ ...good, platform: 'darwin', root: false }), ['A region needs Linux; this is darwin.'])
})

test('all that is missing is said at once, each with what to do, and what works without', () => {
  const bad: Machine = {
    ...good,
    root: false,
    missingPrograms: ['unshare', 'ip'],
    missingTools: ['runc'],
    namespaces: 'unshare failed: Operation not permitted',
    missingFeatures: ['layered mounts (overlay)'],
    freeBytes: 2 ** 30,
    containerdSocket: `/${'x'.repeat(120)}`,
  }
  assert.throws(
    () => demand(bad),
    (error: LocalRegionError) => {
      assert.ok(error instanceof LocalRegionError)
      assert.equal(error.code, 'UNSUITABLE_MACHINE')
      for (const part of [
        'needs root',
        "'unshare' is not on PATH: install util-linux.",
        "'ip' is not on PATH: install iproute2.",
        "no 'runc'",
        'Operation not permitted',
        'layered mounts (overlay)',
        '/state/x has 1.0 GiB free and a region needs 6.0 GiB: make room',
        '121 bytes',
        "'make test-unit'",
      ])
        assert.ok(error.message.includes(part), part)
      return true
    },
  )
})

test('a folder that cannot be written is a finding, not a crash', () => {
  assert.match(findings({ ...good, stateUsable: 'EACCES: permission denied' })[0]!, /set NEURODEFENDER_STATE/)
})

test("a region's name fits a link's name", () => {
  assert.equal(checkRegionName('h2-b'), 'h2-b')
  for (const name of ['', '-a', 'a-', 'A', 'a/b', '..', 'elevenchars'])
    assert.throws(() => checkRegionName(name), { code: 'BAD_NAME' })
})

test('every local service with storage has a volume for each of its pods', () => {
  assert.deepEqual(volumeNames().toSorted(), ['clickhouse-0', 'kafka-0', 'prometheus-0'])
})

test('a state folder that the region would cover by its own /run or /var/log is refused', () => {
  for (const stateFolder of ['/run/nd/x', '/var/log/nd/x'])
    assert.match(findings({ ...good, stateFolder })[0] ?? '', /would be hidden from the region/)
  assert.deepEqual(findings({ ...good, stateFolder: '/running/x' }), [])
})
