import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildImage } from './build.ts'
import type { ImageDescription } from './description.ts'
import { describeImages } from './index.ts'
import { BlobStore } from './store.ts'
import { header } from './tar.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-images-'))
after(() => rmSync(folder, { recursive: true }))
const store = new BlobStore(join(folder, 'cache'))
const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`

/** A small tree; `order` and `time` are what must not matter. */
function tree(name: string, order: 1 | -1, time: number, text = 'hello'): string {
  const root = join(folder, name)
  const files: [string, string][] = [
    ['a/one', text],
    ['a-b', 'x'],
    ['a/two', 'y'.repeat(1_000)],
    [long, 'deep'],
  ]
  for (const [path, content] of order === 1 ? files : files.toReversed()) {
    mkdirSync(join(root, path, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(join(root, path), content, { mode: 0o600 })
    utimesSync(join(root, path), time, time)
  }
  chmodSync(join(root, 'a/two'), 0o700)
  symlinkSync('one', join(root, 'a/link'))
  symlinkSync('usr/lib', join(root, 'lib'))
  return root
}

const image = (from: string, name = 'x'): ImageDescription => ({
  name,
  layers: [
    {
      name: 'files',
      sources: [
        { from, to: '/', except: ['a-b'] },
        { folder: '/data', mode: 0o700, owner: 65532 },
      ],
    },
  ],
  entrypoint: ['/a/two'],
})

test('equal files give an equal digest, whatever their times, modes and order', async () => {
  const first = await buildImage(image(tree('t1', 1, 1_000)), store)
  const second = await buildImage(image(tree('t2', -1, 2_000)), store)
  assert.equal(second.reference, first.reference)
  assert.match(first.reference, /^localhost\/neurodefender\/x@sha256:[0-9a-f]{64}$/)
  const third = await buildImage(image(tree('t3', 1, 1_000, 'other')), store)
  assert.notEqual(third.reference, first.reference)
})

test('a layer is made once, and anew when a file changes', async () => {
  const root = tree('cached', 1, 1_000)
  const made: string[] = []
  const build = () => buildImage(image(root), store, (layer) => made.push(layer))
  const first = await build()
  await build()
  assert.deepEqual(made, ['files'])
  writeFileSync(join(root, 'a/one'), 'HELLO')
  assert.notEqual((await build()).reference, first.reference)
  assert.equal(made.length, 2)
})

test('tar reads the layer: long names, links, owners and modes', async () => {
  const built = await buildImage(image(tree('read', 1, 1_000)), store)
  const listing = execFileSync('tar', ['--numeric-owner', '-tvf', built.blobs[0]!.path], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  })
  const lines = listing
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' '))
  assert.deepEqual(lines, [
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 a/',
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00 a/link -> one',
    '-rw-r--r-- 0/0 5 1970-01-01 00:00 a/one',
    '-rwxr-xr-x 0/0 1000 1970-01-01 00:00 a/two',
    'drwx------ 65532/65532 0 1970-01-01 00:00 data/',
    `drwxr-xr-x 0/0 0 1970-01-01 00:00 ${'d'.repeat(90)}/`,
    `-rw-r--r-- 0/0 4 1970-01-01 00:00 ${long}`,
  ])
})

test('manifest and configuration name the layers by what they hold', async () => {
  const { blobs, manifest } = await buildImage(image(tree('oci', 1, 1_000)), store)
  const [layer, config] = blobs
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  assert.equal(blobs.at(-1)!.digest, manifest.digest)
  assert.equal(read(blobs.at(-1)!.path).layers[0].digest, layer!.digest)
  assert.deepEqual(read(config!.path).rootfs.diff_ids, [layer!.digest])
  assert.equal(read(config!.path).config.User, '65532:65532')
})

test('a header sums its bytes as the format says', () => {
  const bytes = header({ path: 'x', type: 'file', mode: 0o644, uid: 1, gid: 2, size: 3 })
  const stored = Number.parseInt(bytes.toString('latin1', 148, 154), 8)
  bytes.write('        ', 148, 'latin1')
  assert.equal(
    stored,
    bytes.reduce((sum, byte) => sum + byte, 0),
  )
  assert.equal(bytes.length, 512)
})

const describe = (prompt: string | undefined) =>
  describeImages({
    toolchain: { path: (id) => `/tools/${id}`, bin: (name) => `/tools/bin/${name}` },
    bundles: { 'event-collector': '/bundles/a', 'hot-sink': '/bundles/b' },
    ...(prompt === undefined ? {} : { prompt }),
    only: ['event-collector', 'hot-sink', 'kafka'],
  })

test('programs that events go through, wherever they run, are not stopped for every few megabytes', () => {
  for (const prompt of [undefined, '/tools/bin/prompt'])
    assert.deepEqual(
      describe(prompt)
        .filter(({ entrypoint }) => entrypoint.some((word) => word.startsWith('--heap-growing-percent=')))
        .map(({ name, entrypoint }) => [name, entrypoint.at(-1)]),
      [
        ['event-collector', '/app/main.mjs'],
        ['hot-sink', '/app/main.mjs'],
      ],
    )
})

test('only what stands in an alert’s way asks for small slices, and only where there is a program for it', () => {
  const prompted = (prompt: string | undefined) =>
    describe(prompt)
      .filter(({ entrypoint }) => entrypoint[0] === '/usr/bin/prompt')
      .map(({ name, layers }) => [name, layers.some((layer) => layer.name === 'prompt')])
  assert.deepEqual(prompted('/tools/bin/prompt').toSorted(), [
    ['event-collector', true],
    ['kafka', true],
  ])
  assert.deepEqual(prompted(undefined), [])
})
