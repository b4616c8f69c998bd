import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TestAuthority } from '../../services/common/testing/certificates.ts'
import { ask } from './ask.ts'

/** A server that answers so, and a call of it. */
async function serve(t: TestContext, answer: RequestListener) {
  const authority = await TestAuthority.create()
  const folder = await authority.issue('a')
  const pem = (file: string) => readFileSync(join(folder, file))
  const server = createServer({ cert: pem('tls.crt'), key: pem('tls.key') }, answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (options: object, body?: string) =>
    ask(`https://127.0.0.1:${port}/path`, { ca: authority.ca, agent: false, ...options }, body)
}

test('an answer is read whole, whatever its status', async (t) => {
  const call = await serve(t, (request, answer) => {
    answer.writeHead(503, { 'x-asked': `${request.method} ${request.url}` }).write('häl')
    request.pipe(answer)
  })
  const { status, headers, body } = await call({ method: 'POST' }, 'ften')
  assert.deepEqual([status, headers['x-asked'], body], [503, 'POST /path', 'hälften'])
})

test('half an answer, none in time, and one of a stranger are none', async (t) => {
  const torn = await serve(t, (_, answer) => {
    answer.writeHead(200, { 'content-length': 10 }).write('half', () => answer.destroy())
  })
  await assert.rejects(torn({}), { code: 'ECONNRESET' })
  const silent = await serve(t, () => {})
  await assert.rejects(silent({ timeout: 20 }), { message: 'no answer within 0.02 s' })
  await assert.rejects(silent({ signal: AbortSignal.timeout(20) }), { name: 'AbortError' })
  await assert.rejects(silent({ ca: '' }), { code: /SIGNATURE|CERT|ISSUER/ })
})
