import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environments } from '../../../policies/environments.ts'
import { planTopics, type TopicsError, wantedTopics } from './plan.ts'

const wanted = wantedTopics(environments.local)
const [raw] = wanted

test('topics follow the policies of their environment', () => {
  assert.deepEqual(raw, {
    name: 'events.raw',
    partitions: 8,
    replicas: 1,
    config: {
      'retention.ms': '604800000',
      'max.message.bytes': '1048576',
      'min.insync.replicas': '1',
      'cleanup.policy': 'delete',
      'unclean.leader.election.enable': 'false',
    },
  })
  const letters = wantedTopics(environments.prod).find(({ name }) => name === 'events.dead-letter')
  assert.deepEqual([letters?.partitions, letters?.replicas, letters?.config['min.insync.replicas']], [1, 3, '2'])
})

test('a topic of the last word for each key forgets nothing by age, and lies on the brokers alone', () => {
  const state = wantedTopics(environments.prod, 86_400_000).find(({ name }) => name === 'correlation.state')
  assert.equal(state?.partitions, environments.prod.kafka.partitions)
  assert.deepEqual([state.config['cleanup.policy'], state.config['retention.ms']], ['compact', '-1'])
  assert.equal(state.config['remote.storage.enable'], undefined)
  assert.ok(Number(state.config['segment.bytes']) >= Number(state.config['max.message.bytes']))
})

test('in the cloud old segments lie in tiered storage alone, and none is open for longer than they lie on the brokers', () => {
  for (const { config } of wantedTopics(environments.prod, 86_400_000)) {
    if (config['cleanup.policy'] === 'compact') continue
    assert.equal(config['remote.storage.enable'], 'true')
    assert.equal(config['local.retention.ms'], '86400000')
    assert.ok(Number(config['local.retention.ms']) < Number(config['retention.ms']))
    assert.equal(config['segment.ms'], config['local.retention.ms'])
  }
  assert.equal(raw?.config['remote.storage.enable'], undefined)
})

test('nothing there: everything is created', () => {
  assert.deepEqual(planTopics(wanted, []), { create: wanted, configure: [] })
})

test('all there, with settings of the broker beside ours: nothing is done', () => {
  const existing = wanted.map((topic) => ({ ...topic, config: { ...topic.config, 'flush.ms': '1' } }))
  assert.deepEqual(planTopics(wanted, existing), { create: [], configure: [] })
})

test('a setting differs: the topic is configured', () => {
  const existing = wanted.map((topic) => ({ ...topic, config: { ...topic.config, 'retention.ms': '1' } }))
  assert.deepEqual(planTopics(wanted, existing), { create: [], configure: wanted })
})

test('other partitions and replicas are refused together, with what to do', () => {
  assert.throws(
    () => planTopics(wanted, [{ ...raw!, partitions: 4, replicas: 3 }]),
    (error: TopicsError) => {
      assert.equal(error.code, 'TOPICS_CONTRADICT')
      assert.match(error.findings[0]!, /^events\.raw has 4 partitions and the policies say 8: a topic is never grown/)
      assert.match(error.findings[1]!, /^events\.raw has 3 replicas and the policies say 1/)
      return true
    },
  )
})
