import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { passwordHash, tenantsFile } from './local-context.ts'

test('a password has one hash, which verifies it', () => {
  const hash = passwordHash('secret')
  assert.equal(hash, passwordHash('secret'))
  assert.notEqual(hash, passwordHash('other'))
  assert.match(hash, /^\$2b\$10\$/)
  assert.equal(bcrypt.compareSync('secret', hash), true)
})

test('the tenants file holds no token', () => {
  const file = tenantsFile(
    {
      tenants: { acme: { token: 'nd_secret', homeRegion: 'local' } },
      operators: { ops: { token: 'nd_op' } },
    },
    '10.180.0.2',
  )
  assert.deepEqual(JSON.parse(file), {
    tenants: [
      {
        tenant: 'acme',
        tokenSha256: '88d39e2c0d7d5e13aed70aa9cb9fc2d82c2f0f5a0fcf336a25d7e690119652ca',
        homeRegion: 'local',
        senders: { networks: ['10.180.0.2'] },
      },
    ],
    operators: [
      {
        operator: 'ops',
        tokenSha256: createHash('sha256').update('nd_op').digest('hex'),
        roles: ['cross-tenant'],
      },
    ],
  })
})

test('who may send messages in the clear: acme from this machine, until the secrets say otherwise', () => {
  const senders = (tenants: Parameters<typeof tenantsFile>[0]['tenants']) => {
    const file: { tenants: { tenant: string; senders?: { networks?: string[] } }[] } = JSON.parse(
      tenantsFile({ tenants }, '10.180.0.2'),
    )
    return file.tenants.map(({ tenant, senders: own }) => [tenant, own?.networks ?? []])
  }
  const [acme, globex] = [
    { token: 'a', homeRegion: 'local' },
    { token: 'b', homeRegion: 'local' },
  ]
  assert.deepEqual(senders({ acme, globex }), [
    ['acme', ['10.180.0.2']],
    ['globex', []],
  ])
  assert.deepEqual(senders({ acme, globex: { ...globex, senders: { networks: ['10.180.0.0/24'] } } }), [
    ['acme', []],
    ['globex', ['10.180.0.0/24']],
  ])
  assert.deepEqual(senders({ acme: { ...acme, senders: {} } }), [['acme', []]])
})
