import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hash } from 'bcryptjs'
import { ensure } from '../../../tools/engine/ensure.ts'
import { Prometheus } from '../../common/prometheus/prometheus.ts'
import { freePort, until } from '../../common/testing/processes.ts'
import { testTls } from '../../common/testing/server.ts'
import { Follower } from './follower.ts'
import type { Subject } from './plan.ts'

// A real Prometheus with a password over TLS, whose history of two days this test wrote.
const minute = 60_000
const now = Math.floor(Date.now() / minute) * minute
const begin = now - 2 * 1_440 * minute
const load = (at: number) => 500 + 400 * Math.sin((2 * Math.PI * at) / (480 * minute))
const never = new AbortController().signal
const password = 'only-for-this-test'
let child: ChildProcess
let source: Prometheus
let stranger: Prometheus

before(async () => {
  const { authority } = await testTls('prometheus')
  const folder = authority.root
  const certificate = join(folder, 'prometheus')
  const engine = await ensure(['prometheus'])
  const lines = ['# TYPE load gauge']
  for (let at = begin; at <= now; at += minute) lines.push(`load ${load(at)} ${at / 1_000}`)
  const [text, data, config, web] = ['history.txt', 'data', 'prometheus.json', 'web.json'].map((n) =>
    join(folder, n),
  ) as [string, string, string, string]
  writeFileSync(text, `${lines.join('\n')}\n# EOF\n`)
  execFileSync(engine.bin('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', text, data], { stdio: 'ignore' })
  writeFileSync(config, '{}')
  writeFileSync(
    web,
    JSON.stringify({
      tls_server_config: { cert_file: join(certificate, 'tls.crt'), key_file: join(certificate, 'tls.key') },
      basic_auth_users: { nd: await hash(password, 4) },
    }),
  )
  const port = await freePort()
  const args = [`--config.file=${config}`, `--web.config.file=${web}`, `--storage.tsdb.path=${data}`]
  child = spawn(engine.bin('prometheus'), [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const url = new URL(`https://127.0.0.1:${port}/`)
  const tls = { current: { ca: readFileSync(join(certificate, 'ca.crt')) } } as never
  source = new Prometheus({ config: { url, user: 'nd', password }, tls, timeoutMs: 10_000 })
  stranger = new Prometheus({ config: { url, user: 'nd', password: 'another' }, tls, timeoutMs: 10_000 })
  const range = { from: now - minute, to: now, step: minute }
  await until('Prometheus answers', () => source.steps('load', range, never).then(Boolean, () => false))
})

after(async () => {
  if (!child) return
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
})

const subject: Subject = {
  service: 'ml-inference',
  metric: 'qps',
  mode: 'on',
  query: 'load',
  options: {
    stepSeconds: 60,
    horizonSeconds: 210,
    quantile: 0.95,
    target: 100,
    min: 2,
    max: 10,
    limits: { budget: 0.05, trial: 0.02, proven: 0.3, useful: 0.05, aim: 1, spread: 0.3 },
  },
}

test('a new forecaster has learned from all that Prometheus keeps', async () => {
  const follower = new Follower(subject, source)
  await follower.catchUp(now, never)
  assert.equal(follower.age(now), 0)
  const { mean, loss } = follower.forecast(now)!
  assert.ok(loss.best < loss.persistence)
  assert.ok(Math.abs(mean! - load(now + 4 * minute)) < 20, `${mean} of ${load(now + 4 * minute)}`)
})

test('without the password it has nothing, and says so', async () => {
  const follower = new Follower(subject, stranger)
  await assert.rejects(follower.catchUp(now, never), /Prometheus answered 401/)
  assert.equal(follower.forecast(now), undefined)
})
