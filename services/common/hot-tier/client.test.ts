import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { silentLog } from '../log/log.ts'
import { TestAuthority } from '../testing/certificates.ts'
import { TestMount } from '../testing/mount.ts'
import { TlsFiles } from '../tls/material.ts'
import { hotTierClient } from './client.ts'

const [old, fresh] = await Promise.all([TestAuthority.create(), TestAuthority.create()])
const [oldFiles, freshFiles] = [await old.issue('clickhouse'), await fresh.issue('clickhouse')]
const material = (dir: string) => ({
  cert: readFileSync(join(dir, 'tls.crt')),
  key: readFileSync(join(dir, 'tls.key')),
})

let authorization: string | undefined
let connections = 0
const server = createServer(material(oldFiles), (request, response) => {
  authorization = request.headers.authorization
  response.end('Ok.\n')
})
server.on('secureConnection', () => connections++)
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => server.closeAllConnections())
after(() => server.close())

test('the authority of now counts for each new connection, and no connection of an old one is taken again', async (t) => {
  const mount = new TestMount(oldFiles)
  const tls = new TlsFiles(mount.dir, silentLog, 3_600_000)
  const { port } = server.address() as AddressInfo
  const client = hotTierClient({
    config: { url: new URL(`https://127.0.0.1:${port}`), user: 'sink', password: 'pass' },
    tls,
    application: 'test',
    timeoutMs: 10_000,
    maxConnections: 2,
  })
  t.after(() => client.close())
  const pinged = async () => (await client.ping()).success

  assert.deepEqual([await pinged(), await pinged(), connections], [true, true, 1])
  assert.equal(authorization, `Basic ${Buffer.from('sink:pass').toString('base64')}`)

  mount.put(freshFiles)
  tls.reload()
  assert.equal(await pinged(), false, 'the server still shows a certificate of the old authority')

  server.setSecureContext(material(freshFiles))
  assert.equal(await pinged(), true)
  tls.close()
})
