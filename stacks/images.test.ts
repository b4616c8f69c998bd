import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ImageLock, imagesOf, readImageLock, referenceIn } from './images.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-image-lock-'))
after(() => rmSync(folder, { recursive: true }))

const digest = `sha256:${'ab'.repeat(32)}`
const lock: ImageLock = { sink: { digest, tag: 'x', builtFrom: { program: 'p', node: 'n', base: 'b' } } }
const vendor = { from: 'vendor', source: 's', version: '1', digest: `sha256:${'cd'.repeat(32)}` } as const
const urls = { sink: '1.dkr.ecr.us-east-1.amazonaws.com/sink', theirs: 'x', other: 'y' }

test('an image is its repository and its digest, whatever its tag', () => {
  const images = imagesOf(urls, { sink: { from: 'sources' }, theirs: vendor }, lock)
  assert.deepEqual(Object.keys(images), ['sink', 'theirs'])
  assert.equal(images.theirs, `x@${vendor.digest}`)
  assert.equal(images.sink, `1.dkr.ecr.us-east-1.amazonaws.com/sink@${digest}`)
})

test('an image that is not locked is named at once, with the command that locks it', () => {
  assert.throws(() => imagesOf(urls, { sink: { from: 'sources' }, valueOf: { from: 'sources' } } as never, lock), {
    code: 'BAD_IMAGE_LOCK',
    message:
      "The image 'valueOf' is not in the lock. Run 'node tools/images/main.ts lock' and commit stacks/images.lock.json.",
  })
})

test('a repository that is not there is told with a sentence', () => {
  assert.throws(() => referenceIn({}, 'sink', digest), {
    code: 'BAD_IMAGE_LOCK',
    message: /no repository for the image 'sink': bring the global stack up first/,
  })
})

test('the committed lock holds digests; a damaged one is refused by the name of the image', () => {
  assert.ok(readImageLock()['event-collector'])
  const file = join(folder, 'lock.json')
  writeFileSync(file, JSON.stringify({ sink: { ...lock.sink, digest: 'latest' } }))
  assert.throws(() => readImageLock(file), /digest of the image 'sink' is no 'sha256:/)
  writeFileSync(file, '{')
  assert.throws(() => readImageLock(file), /is not JSON/)
  assert.deepEqual(readImageLock(join(folder, 'none.json')), {})
})
