import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Output, output } from '@pulumi/pulumi'
import { type ImageLock, imageNames, imagesOf, readImageLock, referenceIn } from './images.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-image-lock-'))
after(() => rmSync(folder, { recursive: true }))

const digest = `sha256:${'ab'.repeat(32)}`
const lock: ImageLock = { sink: { digest, tag: 'x', builtFrom: { program: 'p', node: 'n', base: 'b' } } }
const known = (of: Output<string> | undefined) => new Promise<string>((resolve) => void of?.apply(resolve))

test('an image is its repository and its digest, whatever its tag', async () => {
  const images = imagesOf(output({ sink: '1.dkr.ecr.us-east-1.amazonaws.com/sink', other: 'x' }), { lock })
  assert.deepEqual(Object.keys(images), ['sink'])
  assert.equal(await known(images.sink), `1.dkr.ecr.us-east-1.amazonaws.com/sink@${digest}`)
})

test('an image that is not locked is named at once, with the command that locks it', () => {
  assert.throws(() => imagesOf({}, { lock, wanted: ['sink', 'toString'] }), {
    code: 'BAD_IMAGE_LOCK',
    message:
      "The image 'toString' is not in the lock. Run 'node tools/images/main.ts lock' and commit stacks/images.lock.json.",
  })
})

test('a repository that is not there is told with a sentence', () => {
  assert.throws(() => referenceIn({}, 'sink', digest), {
    code: 'BAD_IMAGE_LOCK',
    message: /no repository for the image 'sink': bring the global stack up first/,
  })
})

test('the committed lock holds digests; a damaged one is refused by the name of the image', () => {
  assert.ok(imageNames().includes('event-collector'))
  const file = join(folder, 'lock.json')
  writeFileSync(file, JSON.stringify({ sink: { ...lock.sink, digest: 'latest' } }))
  assert.throws(() => readImageLock(file), /digest of the image 'sink' is no 'sha256:/)
  writeFileSync(file, '{')
  assert.throws(() => readImageLock(file), /is not JSON/)
  assert.deepEqual(readImageLock(join(folder, 'none.json')), {})
})
