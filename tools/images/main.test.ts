import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { main } from './main.ts'
import { held, imageSources, nodeOfCheckout } from './sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-images-cli-'))
after(() => rmSync(folder, { recursive: true }))

test('what an image is made of is told alike twice, and without tools', async () => {
  const first = await imageSources(join(folder, 'one'))
  assert.deepEqual((await imageSources(join(folder, 'two'))).builtFrom, first.builtFrom)
  assert.ok(first.builtFrom['event-collector'])
  assert.equal(first.builtFrom.clickhouse, undefined, 'what stands in for the cloud is no image of the cloud')
  assert.match(nodeOfCheckout().path, /node_modules\/node\/bin\/node$/)
})

test('each image says what it holds: programs their packages, other software its own', async () => {
  const sources = await imageSources(join(folder, 'held'))
  const names = (of: readonly { readonly name: string }[]) => of.map(({ name }) => name)
  const collector = held('event-collector', sources)
  assert.ok(names(collector.npm).includes('prom-client') && names(collector.debian).includes('libc6') && collector.node)
  assert.ok(!names(collector.npm).includes('@clickhouse/client'))
  assert.ok(names(held('ml-inference', sources).npm).includes('onnxruntime-node'), 'native code lies beside its bundle')
  const prometheus = held('prometheus', sources)
  assert.ok(names(prometheus.debian).includes('prometheus') && prometheus.npm.length === 0)
  assert.deepEqual(names(held('pause', sources).debian), ['catatonit'])
})

test('a command line that is none of ours is answered with how to use it', async (t) => {
  const said: string[] = []
  t.mock.method(console, 'error', (text: string) => said.push(text))
  for (const args of [[], ['build'], ['lock', 'x'], ['push'], ['--nonsense']]) assert.equal(await main(args), 2)
  assert.match(said[0] ?? '', /build --out DIR/)
})
