import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startMlserver } from '../peers/mlserver/mlserver.ts'
import { startOurs } from '../peers/ours.ts'
import { classifier } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'
import { check, type Result } from './check.ts'
import { Grpc } from './grpc.ts'
import { Rest } from './rest.ts'

async function checked(start: () => Promise<RunningServer>): Promise<Result[]> {
  const server = await start()
  const rest = new Rest(server.url, server.ca)
  const grpc = new Grpc(server.grpc as string, server.ca === undefined ? undefined : Buffer.from(server.ca))
  try {
    return await check({ rest, grpc, model: classifier('1').name, echo: 'echo-' })
  } finally {
    rest.close()
    grpc.close()
    await server.stop()
  }
}

const unmet = (results: readonly Result[]): string[] =>
  results.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id)

test('our runtime meets every requirement of the protocol, over TLS', async () => {
  const results = await checked(() => startOurs([classifier('1'), classifier('2')], { echoes: true, entry: 'tls' }))
  assert.deepEqual(
    results.filter(({ outcome }) => outcome !== 'pass'),
    [],
  )
})

test('mlserver meets them but for those that docs/inference-conformance.md lists', async () => {
  const model = classifier('1')
  const results = await checked(() =>
    startMlserver(model, { name: 'in process', parallelWorkers: 0, threads: 1 }, true),
  )
  const page = readFileSync(new URL('../../../docs/inference-conformance.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('## mlserver'), page.indexOf('## The requirements'))
  const listed = [...section.matchAll(/^\| ([A-Z][A-Z0-9, -]*) \|/gm)].flatMap((row) => row[1]!.split(', '))
  assert.deepEqual(unmet(results).sort(), listed.sort())
})
