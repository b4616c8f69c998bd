import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { run } from '../command.ts'
import type { VendorPin } from '../pins.ts'
import { fakeMaking, fakePin } from '../test/fake.ts'
import { temp } from '../test/temp.ts'
import { download, fromVendor } from './vendor.ts'

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
}

const sha512 = (data: string | Buffer) => createHash('sha512').update(data).digest('hex')
const patience = { answer: 40, stall: 40 }
const generous = { answer: 5_000, stall: 5_000 }

test('takes the programs out of the right archive', async (t) => {
  const root = temp(t)
  await run('sh', ['-c', 'mkdir -p a/b && echo tool > a/b/tool && echo other > a/b/other && tar -czf archive.tgz a'], {
    cwd: root,
  })
  const archive = readFileSync(join(root, 'archive.tgz'))
  const url = await serve(t, (_request, response) => response.end(archive))
  const pin: VendorPin = { kind: 'vendor', url, sha512: sha512(archive), folder: 'a/b' }
  const making = fakeMaking(join(root, 'cache'), fakePin('tool', { sources: [pin] }))
  await fromVendor(pin, making, generous)
  assert.equal(readFileSync(join(making.folder, 'tool'), 'utf8'), 'tool\n')
  assert.throws(() => readFileSync(join(making.folder, 'other')))
})

const wrong: [string, RequestListener, RegExp][] = [
  ['another file', (_q, r) => r.end('something else'), /sent something whose SHA-512 is not the pinned one$/],
  ['not found', (_q, r) => r.writeHead(404).end('no'), /^127\.0\.0\.1:\d+ answered 404$/],
  ['a host that does not answer', () => {}, /did not answer within 0\.04 s$/],
  [
    'a download that stalls',
    (_q, r) => void r.writeHead(200, { 'content-length': '100' }).write('a'),
    /sent nothing for 0\.04 s$/,
  ],
  ['a connection cut at once', (q) => q.socket.destroy(), /cannot be reached/],
  [
    'a connection cut in the middle',
    (q, r) => {
      r.writeHead(200, { 'content-length': '100' }).write('a', () => setImmediate(() => q.socket.destroy()))
    },
    /broke off/,
  ],
]

for (const [name, listener, message] of wrong)
  test(`passes to the next source after ${name}`, async (t) => {
    const url = await serve(t, listener)
    const short = /stalls|does not answer/.test(name) ? patience : generous
    await assert.rejects(download({ url, sha512: sha512('right'), file: join(temp(t), 'file'), patience: short }), {
      code: 'UNAVAILABLE',
      message,
    })
  })

test('nobody there', async (t) => {
  const file = join(temp(t), 'file')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
  server.close()
  await once(server, 'close')
  await assert.rejects(download({ url, sha512: '', file, patience: generous }), {
    message: /cannot be reached \(ECONNREFUSED\)/,
  })
})

test('an interrupt is not a reason to ask the next source, a full disk neither', async (t) => {
  const folder = temp(t)
  const stop = new AbortController()
  const url = await serve(t, () => stop.abort())
  await assert.rejects(
    download({ url, sha512: '', file: join(folder, 'file'), signal: stop.signal, patience: generous }),
    {
      code: 'INTERRUPTED',
    },
  )
  const good = await serve(t, (_q, r) => r.end('x'))
  writeFileSync(join(folder, 'not-a-folder'), '')
  await assert.rejects(
    download({ url: good, sha512: '', file: join(folder, 'not-a-folder', 'f'), patience: generous }),
    {
      code: 'ENOTDIR',
    },
  )
})
