import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { silentLog } from '../../../common/log/log.ts'
import { signedGet } from './s3.ts'
import { fetchModel, SourceError, type SourceOptions } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-models-'))
const bytes = Buffer.from('a model')
const sha256 = createHash('sha256').update(bytes).digest('hex')
let answer: (request: IncomingMessage, response: ServerResponse) => void
const server = createServer((request, response) => answer(request, response))
let base: string
let asked = 0

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const ok: typeof answer = (_request, response) => {
  asked++
  response.end(bytes)
}
const options = (more: Partial<SourceOptions> = {}): SourceOptions => ({
  cache: join(folder, 'cache'),
  maxBytes: 100,
  timeoutMs: 5_000,
  s3: { region: 'us-east-1' },
  log: silentLog,
  ...more,
})
const get = (uri: string, more: Partial<SourceOptions> = {}, wanted = sha256) =>
  fetchModel(
    { name: 'm', version: '1', uri: new URL(uri), sha256: wanted, batching: {} },
    options(more),
    new AbortController().signal,
  )
const fails = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof SourceError && error.code === code && text.test(error.message)

test('a file is read, held against its checksum and its size', async () => {
  const path = join(folder, 'm.onnx')
  writeFileSync(path, bytes)
  assert.deepEqual(await get(`file://${path}`), bytes)
  await assert.rejects(get(`file://${path}`, {}, 'b'.repeat(64)), fails('CHECKSUM', /the model list says b{64}/))
  await assert.rejects(get(`file://${path}`, { maxBytes: 3 }), fails('TOO_LARGE', /larger than 3 bytes/))
  await assert.rejects(get(`file://${folder}/none`), fails('UNREACHABLE', /cannot be read \(ENOENT\)/))
})

test('what was fetched is kept under its checksum, and asked for again when it was damaged', async () => {
  answer = ok
  asked = 0
  assert.deepEqual(await get(`${base}/m.onnx`), bytes)
  assert.deepEqual(await get(`${base}/m.onnx`), bytes)
  assert.equal(asked, 1)
  const kept = join(folder, 'cache', `${sha256}.onnx`)
  assert.deepEqual(readdirSync(join(folder, 'cache')), [`${sha256}.onnx`])
  writeFileSync(kept, 'damaged')
  assert.deepEqual(await get(`${base}/m.onnx`), bytes)
  assert.equal(asked, 2)
  assert.deepEqual(readFileSync(kept), bytes)
})

test('a cache that cannot be written costs nothing but the next download', async () => {
  answer = ok
  assert.deepEqual(await get(`${base}/m.onnx`, { cache: join(folder, 'm.onnx', 'none') }), bytes)
})

test('another file than the list says, one too large, a refusal and silence are told apart', async () => {
  const cache = join(folder, 'other')
  answer = ok
  await assert.rejects(get(`${base}/m?secret=1`, { cache }, 'c'.repeat(64)), (error: Error) => {
    assert.ok(!error.message.includes('secret'))
    return fails('CHECKSUM', /127\.0\.0\.1/)(error)
  })
  await assert.rejects(get(`${base}/m`, { cache, maxBytes: 3 }), fails('TOO_LARGE', /larger/))
  answer = (_request, response) => {
    response.write(bytes)
    response.end(bytes)
  }
  await assert.rejects(get(`${base}/m`, { cache, maxBytes: 10 }), fails('TOO_LARGE', /larger/))
  answer = (_request, response) => void response.writeHead(404).end()
  await assert.rejects(get(`${base}/m`, { cache }), fails('UNREACHABLE', /answered with 404/))
  answer = () => {}
  await assert.rejects(get(`${base}/m`, { cache, timeoutMs: 20 }), fails('UNREACHABLE', /not within 20 ms/))
})

test('an object of a store is asked for by bucket and key, signed', async () => {
  let seen: IncomingMessage | undefined
  answer = (request, response) => {
    seen = request
    response.end(bytes)
  }
  const credentials = async () => ({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' })
  const s3 = { region: 'eu-west-1', endpoint: new URL(base), credentials }
  assert.deepEqual(await get('s3://models/a%20b/m.onnx', { cache: join(folder, 's3'), s3 }), bytes)
  assert.equal(seen?.url, '/models/a%20b/m.onnx')
  assert.match(
    `${seen?.headers.authorization}`,
    /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  )
})

test('a signature is the one that botocore makes', async () => {
  const now = () => new Date('2013-05-24T00:00:00Z')
  const signature = async (uri: string, sessionToken?: string) => {
    const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const identity = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey }
    const credentials = async () => (sessionToken === undefined ? identity : { ...identity, sessionToken })
    const { url, headers } = await signedGet(new URL(uri), { region: 'us-east-1', credentials, now })
    return [url.pathname, headers.authorization?.split('Signature=')[1]]
  }
  // Recorded of botocore 1's S3SigV4Auth; the key and the secret are those of AWS's documentation.
  assert.deepEqual(await signature('s3://examplebucket/a%20b/m+1(x).onnx'), [
    '/a%20b/m%2B1%28x%29.onnx',
    '297666cb5e8755671a67d4dbce2edce6289520bcabc1557a6c75aa3dee9034dd',
  ])
  assert.deepEqual(await signature('s3://examplebucket/test.txt', 'token'), [
    '/test.txt',
    '60df2ededd400063ba38981be6df279c49df5ca601b93b9ccc7cf95312c52d22',
  ])
})

test('a request goes to the bucket’s own host, and is not signed without credentials', async () => {
  const { url, headers } = await signedGet(new URL('s3://b/k'), { region: 'eu-west-1' })
  assert.equal(url.href, 'https://b.s3.eu-west-1.amazonaws.com/k')
  assert.deepEqual(headers, {})
})
