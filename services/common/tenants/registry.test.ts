import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { silentLog } from '../log/log.ts'
import { parseOperators } from './operators.ts'
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
  const registry = new TenantRegistry({ file: file('a', acme, globex), log: silentLog })
  assert.deepEqual(registry.find('nd_a'), { name: 'acme', homeRegion: 'local', quota: undefined })
  assert.deepEqual(registry.find('nd_g')?.quota, { eventsPerSecond: 10, burst: 5 })
  for (const token of ['', 'nd_', 'nd_a ', sha('nd_a')]) assert.equal(registry.find(token), undefined)
  registry.close()
})

test('senders without a token are known by certificate or network', () => {
  const print = sha('certificate')
  const senders = {
    certificates: [print.toUpperCase().match(/../g)!.join(':')],
    networks: ['10.1.0.0/16', '2001:db8::/48'],
  }
  const registry = new TenantRegistry({ file: file('senders', { ...acme, senders }, globex), log: silentLog })
  assert.equal(registry.findByCertificate(print)?.name, 'acme')
  assert.equal(registry.findByCertificate(sha('other')), undefined)
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::5'])
    assert.equal(registry.findByAddress(address)?.name, 'acme')
  for (const address of ['10.2.0.1', '127.0.0.1', '', 'acme']) assert.equal(registry.findByAddress(address), undefined)
  file('senders', acme, globex)
  registry.reload()
  assert.deepEqual([registry.findByCertificate(print), registry.findByAddress('10.1.2.3')], [undefined, undefined])
  registry.close()
})

test('a certificate or an address never names two tenants', () => {
  const senders = { certificates: [sha('c')], networks: ['10.0.0.0/8'] }
  const bad = [
    { ...acme, senders },
    { ...globex, senders: { certificates: [sha('c')], networks: ['10.5.0.0/16'] } },
    { ...globex, tokenSha256: sha('x'), senders: { certificates: ['ab'], networks: ['10.0.0.1/8', 'lan'] } },
    { ...globex, tokenSha256: sha('y'), senders: ['10.0.0.0/8'] },
  ]
  assert.throws(
    () => parseTenants(JSON.stringify({ tenants: bad })),
    (error: TenantsError) => {
      assert.deepEqual(error.problems, [
        'tenants[2].senders.certificates[0] must be the SHA-256 of a certificate, 64 hexadecimal digits.',
        "tenants[2].senders.networks[0] must be a network as '10.0.0.0/8' or '2001:db8::/32', its host bits zero.",
        "tenants[2].senders.networks[1] must be a network as '10.0.0.0/8' or '2001:db8::/32', its host bits zero.",
        'tenants[3].senders must be {"certificates"?: [SHA-256, …], "networks"?: ["10.0.0.0/8", …]}.',
        'tenants[1].senders.certificates[0] stands here twice: a certificate names one tenant.',
        'tenants[1].senders.networks[0] (10.5.0.0/16) holds addresses of tenants[0].senders.networks[0] (10.0.0.0/8): an address names one tenant.',
      ])
      return true
    },
  )
})

test('a new file is taken on; a broken one leaves the last good one in force', () => {
  const path = file('b', acme)
  const registry = new TenantRegistry({ file: path, log: silentLog })
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

test("operators and tenants never bear each other's tokens", () => {
  const path = file('c', acme)
  const ops = { operator: 'ops', tokenSha256: sha('nd_ops'), roles: ['cross-tenant'] }
  writeFileSync(path, JSON.stringify({ tenants: [acme], operators: [ops] }))
  const registry = new TenantRegistry({ file: path, log: silentLog })
  assert.deepEqual(registry.findOperator('nd_ops'), { name: 'ops', roles: ['cross-tenant'] })
  assert.deepEqual([registry.find('nd_ops'), registry.findOperator('nd_a')], [undefined, undefined])
  registry.close()
  const bad = [{ ...ops, tokenSha256: acme.tokenSha256 }, { ...ops, operator: 'A B' }, { ...ops, roles: ['root'] }, 7]
  assert.throws(
    () => parseOperators(JSON.stringify({ operators: bad }), [acme.tokenSha256]),
    ({ message }: TenantsError) => {
      assert.match(message, /operators\[0\]\.tokenSha256 stands here twice: a token names one bearer/)
      assert.match(message, /operators\[1\]\.operator must be a name/)
      assert.match(message, /operators\[2\]\.roles must be a list of cross-tenant/)
      assert.match(message, /operators\[3\]\.tokenSha256 must be 64/)
      return true
    },
  )
  assert.throws(() => parseOperators('{"operators": {}}', []), /operators must be a list/)
})

test('a missing file stops the boot with its path', () => {
  assert.throws(() => new TenantRegistry({ file: join(dir, 'none'), log: silentLog }), /none cannot be read \(ENOENT\)/)
})
