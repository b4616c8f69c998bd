import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigError, readConfig } from '../../config/reader.ts'
import { silentLog } from '../../log/log.ts'
import type { TlsFiles } from '../../tls/material.ts'
import { kafkaAccess, kafkaConfig } from './config.ts'

const tls = {} as TlsFiles

test('brokers are told who calls by certificate, unless IAM is asked for', () => {
  const config = readConfig({ ND_KAFKA_BROKERS: 'a:9093' }, kafkaConfig)
  assert.deepEqual(config, { brokers: ['a:9093'], auth: 'tls' })
  assert.equal(kafkaAccess({ config, region: 'local', tls, log: silentLog }).tokens, undefined)
})

test('IAM gives tokens', () => {
  const env = {
    ND_KAFKA_BROKERS: 'a:9098',
    ND_KAFKA_AUTH: 'iam',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  }
  assert.ok(kafkaAccess({ config: readConfig(env, kafkaConfig), region: 'us-east-1', tls, log: silentLog }).tokens)
})

test('a pod without a role, and an unknown way, are refused at boot', () => {
  assert.throws(
    () => readConfig({ ND_KAFKA_BROKERS: 'a:9098', ND_KAFKA_AUTH: 'iam' }, kafkaConfig),
    ({ problems }: ConfigError) => {
      assert.match(
        problems.join(),
        /AWS_CONTAINER_CREDENTIALS_FULL_URI is not set: give the pod's service account a role/,
      )
      return true
    },
  )
  assert.throws(() => readConfig({ ND_KAFKA_BROKERS: 'a:9098', ND_KAFKA_AUTH: 'none' }, kafkaConfig), /tls, iam/)
})
