import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kafkaConfig } from '../bus/kafka/config.ts'
import { listenConfig, processConfig } from './process.ts'
import { type ConfigError, readConfig } from './reader.ts'

const good = { ND_REGION: 'us-east-1', ND_ENVIRONMENT: 'prod', ND_KAFKA_BROKERS: 'kafka-0.x:9093, kafka-1.x:9093' }

test('reads the environment once into typed values, with defaults', () => {
  const config = readConfig(good, (env) => ({
    ...processConfig(env),
    ...listenConfig(env, 'event-collector'),
    brokers: kafkaConfig(env).brokers,
  }))
  assert.deepEqual(config, {
    region: 'us-east-1',
    environment: 'prod',
    logLevel: 'info',
    tlsDir: '/etc/neurodefender/tls',
    host: '0.0.0.0',
    adminPort: 9443,
    entry: { kind: 'tls', host: '0.0.0.0', port: 8443 },
    brokers: ['kafka-0.x:9093', 'kafka-1.x:9093'],
  })
})

test('names every problem at once, with what would be right', () => {
  const env = {
    ND_REGION: 'mars',
    ND_LOG_LEVEL: 'loud',
    ND_KAFKA_BROKERS: 'kafka',
    ND_HTTPS_PORT: '99999',
    ND_URL: 'http://user:pw@host',
  }
  assert.throws(
    () =>
      readConfig(env, (reader) => ({
        ...processConfig(reader),
        ...listenConfig(reader, 'event-collector'),
        brokers: kafkaConfig(reader).brokers,
        url: reader.url('ND_URL', ['https:']),
        url2: reader.url('ND_URL', ['http:']),
      })),
    (error: ConfigError) => {
      assert.equal(error.code, 'BAD_CONFIG')
      assert.deepEqual(error.problems, [
        "ND_REGION is 'mars'; it must be one of local, us-east-1, us-east-2, us-west-2.",
        'ND_ENVIRONMENT is not set.',
        "ND_LOG_LEVEL is 'loud'; it must be one of debug, info, warn, error.",
        "ND_HTTPS_PORT is '99999'; it must be a whole number from 0 to 65535.",
        "ND_KAFKA_BROKERS holds 'kafka'; it must be a comma list of host:port.",
        'ND_URL must be a URL that begins with https://.',
        'ND_URL must not carry a user or password: secrets come from files.',
      ])
      assert.doesNotMatch(error.message, /user:pw/)
      return true
    },
  )
})

test('a secret comes from a file, trimmed; a missing or empty one is named by its path', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nd-config-'))
  try {
    writeFileSync(join(dir, 'good'), 's3cret\n')
    writeFileSync(join(dir, 'empty'), '\n')
    assert.equal(
      readConfig({ S: join(dir, 'good') }, (env) => env.secretFile('S')),
      's3cret',
    )
    assert.throws(() => readConfig({ S: join(dir, 'empty') }, (env) => env.secretFile('S')), /empty, which is empty/)
    assert.throws(() => readConfig({ S: join(dir, 'none') }, (env) => env.secretFile('S')), /cannot be read \(ENOENT\)/)
    assert.throws(() => readConfig({}, (env) => env.secretFile('S')), /S is not set/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
