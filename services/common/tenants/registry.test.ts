import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { silentLog } from '../log/log.ts'
import { parseTenants, type TenantsError } from './parse.ts'
import { TenantRegistry } from './registry.ts'

const dir = mkdtempSync(join(tmpdir(), 'nd-tenants-'))
after(() => rmSync(dir, { recursive: true }))

const sha = (token: string) => createHash('sha256').update(token).digest('hex')
const acme = { tenant: 'acme', tokenSha256: sha('nd_a'), homeRegion: 'local' }
const globex = { tenant: 'globex', tokenSha256: sha('nd_g'), homeRegion: 'local', quota: { events: '10/s', burst: 5 } }
const file = (name: string, ...tenants: unknown[]) => {
  const path = join(dir, name)
  writeFileSync(path, JSON.stringify({ tenants }))
  return path
}

test('finds a tenant by its token and nobody by another', () => {
  const registry = new TenantRegistry(file('a', acme, globex), silentLog)
  assert.deepEqual(registry.find('nd_a'), { name: 'acme', homeRegion: 'local', quota: undefined })
  assert.deepEqual(registry.find('nd_g')?.quota, { eventsPerSecond: 10, burst: 5 })
  for (const token of ['', 'nd_', 'nd_a ', sha('nd_a')]) assert.equal(registry.find(token), undefined)
  registry.close()
})

test('a new file is taken on; a broken one leaves the last good one in force', () => {
  const path = file('b', acme)
  const registry = new TenantRegistry(path, silentLog)
  file('b', globex)
  registry.reload()
  assert.deepEqual([registry.find('nd_a'), registry.find('nd_g')?.name], [undefined, 'globex'])
  writeFileSync(path, '{"tenants": [')
  registry.reload()
  assert.equal(registry.find('nd_g')?.name, 'globex')
  registry.close()
})

test('says everything that is wrong with a file, without tokens', () => {
  const bad = [
    { ...acme, tenant: 'Acme/1' },
    { ...globex, tokenSha256: 'nd_plain' },
    { ...globex, tenant: 'x', quota: { events: '10', burst: 5 } },
    { ...acme, homeRegion: '' },
    'acme',
  ]
  assert.throws(
    () => parseTenants(JSON.stringify({ tenants: bad })),
    (error: TenantsError) => {
      assert.equal(error.code, 'BAD_TENANTS')
      assert.match(error.message, /tenants\[0\]\.tenant must be 1 to 63/)
      assert.match(error.message, /tenants\[1\]\.tokenSha256 must be 64 hexadecimal digits/)
      assert.match(error.message, /tenants\[2\]\.quota\.events: '10' is not a rate/)
      assert.match(error.message, /tenants\[3\]\.tokenSha256 stands here twice/)
      assert.match(error.message, /tenants\[3\]\.homeRegion must name a region/)
      assert.match(error.message, /tenants\[4\]\.tenant must be/)
      assert.doesNotMatch(error.message, /nd_plain/)
      return true
    },
  )
})

test('a missing file stops the boot with its path', () => {
  assert.throws(() => new TenantRegistry(join(dir, 'none'), silentLog), /none cannot be read \(ENOENT\)/)
})
