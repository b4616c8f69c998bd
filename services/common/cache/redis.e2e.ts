import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createLog } from '../log/log.ts'
import { testTls } from '../testing/server.ts'
import type { TlsMaterial } from '../tls/material.ts'
import { RedisCache } from './redis.ts'
import { redisProgram, TestRedis } from './testing/redis.ts'

const program = redisProgram()
const skip = program === undefined && 'Redis is not in the cache yet: make up brings it.'
const timeoutMs = 50

test('Redis as a cache', { skip, timeout: 120_000 }, async (t) => {
  const { authority, tls } = await testTls('redis')
  const other = await testTls('stranger')
  const redis = await TestRedis.create(program!, await authority.issue('redis'))
  const lines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const connect = (password = redis.password, trust = tls) =>
    new RedisCache({ config: { url: new URL(redis.url), password }, tls: trust, log, timeoutMs })
  const cache = connect()
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  t.after(async () => {
    process.off('unhandledRejection', note)
    cache.close()
    await redis.remove()
    tls.close()
    other.tls.close()
  })
  const until = async (condition: () => Promise<unknown>) => {
    for (const end = Date.now() + 20_000; ; await delay(20))
      try {
        return await condition()
      } catch (error) {
        if (Date.now() > end) throw error
      }
  }

  await t.test('before Redis is there: an error at once, no waiting', async () => {
    const start = performance.now()
    await assert.rejects(cache.get('k'), { code: 'CACHE_UNAVAILABLE' })
    assert.ok(performance.now() - start < timeoutMs)
  })

  await t.test('keeps a text for its time', async () => {
    await redis.start()
    await until(() => cache.set('k', 'ü\n"', 300))
    assert.deepEqual([await cache.get('k'), await cache.get('other')], ['ü\n"', undefined])
    await delay(400)
    assert.equal(await cache.get('k'), undefined)
  })

  await t.test('a stranger: neither a wrong password nor a wrong authority gets a connection', async () => {
    const wrong = [connect('wrong horse'), connect(redis.password, other.tls)]
    await delay(500)
    for (const one of wrong) {
      await assert.rejects(one.get('k'), { code: 'CACHE_UNAVAILABLE' })
      one.close()
    }
  })

  await t.test('an authority that is replaced counts from the next connection on', async () => {
    let replaced: (material: TlsMaterial) => void = () => {}
    const changing = new RedisCache({
      config: { url: new URL(redis.url), password: redis.password },
      tls: {
        current: other.tls.current,
        onChange: (listener) => {
          replaced = listener
        },
      },
      log,
      timeoutMs,
    })
    await delay(200)
    await assert.rejects(changing.get('k'), { code: 'CACHE_UNAVAILABLE' })
    replaced(tls.current)
    await until(() => changing.get('k'))
    changing.close()
  })

  await t.test('standing still costs one timeout, then nothing, and it comes back', async () => {
    redis.pause()
    const start = performance.now()
    await assert.rejects(cache.get('k'), { code: 'CACHE_SLOW' })
    assert.ok(performance.now() - start < 10 * timeoutMs)
    const again = performance.now()
    for (let i = 0; i < 100; i++) await assert.rejects(cache.get('k'))
    assert.ok(performance.now() - again < 10 * timeoutMs)
    await delay(2_500)
    redis.resume()
    await until(() => cache.set('k', 'back', 60_000))
    assert.equal(await cache.get('k'), 'back')
  })

  await t.test('a process that is busy itself does not take Redis for slow', async () => {
    const asked = cache.get('k')
    // After the command is sent, and until long after its answer has come.
    await new Promise((resolve) => setImmediate(resolve))
    for (const end = performance.now() + 3 * timeoutMs; performance.now() < end; );
    assert.equal(await asked, 'back')
  })

  await t.test('killed and started again: errors in between, an empty cache afterwards', async () => {
    await redis.kill()
    await assert.rejects(cache.get('k'), { code: 'CACHE_UNAVAILABLE' })
    await delay(1_000)
    await redis.start()
    assert.equal(await until(() => cache.get('k')), undefined)
  })

  await t.test('the log says each change once, without secrets, and nothing was left unhandled', () => {
    assert.deepEqual(unhandled, [])
    assert.doesNotMatch(lines.join('\n'), /horse/)
    assert.ok(lines.length < 15, lines.join('\n'))
  })
})
