import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readConfig } from '../config/reader.ts'
import { redisConfig } from './redis.ts'

const dir = mkdtempSync(join(tmpdir(), 'nd-redis-config-'))
after(() => rmSync(dir, { recursive: true }))
writeFileSync(join(dir, 'password'), 'pass\n')
const env = { ND_REDIS_URL: 'rediss://cache.example:6379', ND_REDIS_PASSWORD_FILE: join(dir, 'password') }

test("the region's own authority vouches for the cache, unless the public ones are asked for", () => {
  const { url, ...rest } = readConfig(env, redisConfig)
  assert.equal(url.host, 'cache.example:6379')
  assert.deepEqual(rest, { password: 'pass', ca: 'region' })
  const cloud = readConfig({ ...env, ND_REDIS_CA: 'system', ND_REDIS_USER: 'analytics' }, redisConfig)
  assert.deepEqual([cloud.ca, cloud.user], ['system', 'analytics'])
})

test('a cache without TLS is refused, and so is an unknown authority', () => {
  assert.throws(() => readConfig({ ...env, ND_REDIS_URL: 'redis://cache.example' }, redisConfig), /begins with rediss/)
  assert.throws(() => readConfig({ ...env, ND_REDIS_CA: 'none' }, redisConfig), /must be one of region, system/)
})
