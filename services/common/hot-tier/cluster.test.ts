import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigError, readConfig } from '../config/reader.ts'
import { hotTierCluster } from './cluster.ts'

const good = {
  ND_CLICKHOUSE_CLUSTER: 'events',
  ND_CLICKHOUSE_REPLICAS: 'https://a.example:8443, https://b.example:8443',
  ND_CLICKHOUSE_INSERT_QUORUM: '2',
}
const problemsOf = (env: Record<string, string>) => {
  try {
    readConfig(env, hotTierCluster)
  } catch (error) {
    return (error as ConfigError).problems
  }
  return []
}

test('no cluster is one server', () => {
  assert.equal(readConfig({}, hotTierCluster), undefined)
})

test('a cluster is read with all its replicas', () => {
  const cluster = readConfig(good, hotTierCluster)!
  assert.deepEqual([cluster.name, cluster.insertQuorum], ['events', 2])
  assert.deepEqual(
    cluster.replicas.map(({ href }) => href),
    ['https://a.example:8443/', 'https://b.example:8443/'],
  )
})

test('a name that could leave its quotes is refused at boot', () => {
  for (const name of ["x' SYNC --", 'A', '1a', '{cluster}'])
    assert.match(problemsOf({ ...good, ND_CLICKHOUSE_CLUSTER: name })[0] ?? '', /must hold lower case letters/, name)
})

test('a quorum that the replicas cannot make, a replica twice, and one without TLS are refused', () => {
  for (const quorum of ['1', '3'])
    assert.match(problemsOf({ ...good, ND_CLICKHOUSE_INSERT_QUORUM: quorum })[0] ?? '', /from 2 to 2/)
  const twice = 'https://a.example,https://a.example'
  assert.deepEqual(problemsOf({ ...good, ND_CLICKHOUSE_REPLICAS: twice }), [
    'ND_CLICKHOUSE_REPLICAS names a replica twice.',
  ])
  const plain = 'http://a.example,https://b.example'
  assert.match(problemsOf({ ...good, ND_CLICKHOUSE_REPLICAS: plain })[0] ?? '', /begins with https/)
  assert.deepEqual(problemsOf({ ND_CLICKHOUSE_CLUSTER: 'events' }), [
    'ND_CLICKHOUSE_REPLICAS is not set.',
    'ND_CLICKHOUSE_INSERT_QUORUM is not set.',
  ])
})
