import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../common/log/log.ts'
import { Operators, OperatorsError, parseOperators } from './operators.ts'

const tokenSha256 = (token: string) => createHash('sha256').update(token).digest('hex')
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('an operator may what the list says, and the list may change', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nd-test-operators-'))
  const file = join(dir, 'operators.json')
  const list = (...operators: object[]) => writeFileSync(file, JSON.stringify({ operators }))
  list({ operator: 'ann', tokenSha256: tokenSha256('a'), may: ['read'] })
  const operators = new Operators({ file, log: silentLog, pollMs: 3_600_000 })
  t.after(() => {
    operators.close()
    rmSync(dir, { recursive: true })
  })
  assert.equal(operators.require(bearer('a'), 'read').name, 'ann')
  assert.throws(() => operators.require(bearer('a'), 'change'), { status: 403, code: 'NOT_ALLOWED' })
  for (const request of [
    bearer('b'),
    { headers: {} },
    bearer(tokenSha256('a')),
    { headers: { authorization: 'Basic a' } },
  ])
    assert.throws(() => operators.require(request, 'read'), { status: 401, code: 'NO_OPERATOR' })
  list({ operator: 'bob', tokenSha256: tokenSha256('b'), may: ['read', 'change'] })
  operators.reload()
  assert.equal(operators.require(bearer('b'), 'change').name, 'bob')
  assert.throws(() => operators.require(bearer('a'), 'read'), { status: 401 })
  writeFileSync(file, 'x')
  operators.reload()
  assert.equal(operators.require(bearer('b'), 'read').name, 'bob')
})

test('everything that is wrong with a list is said at once, and no token', () => {
  const hash = tokenSha256('a')
  const bad = {
    operators: [
      { operator: 'Ann', tokenSha256: 'nd_secret', may: [] },
      { operator: 'bob', tokenSha256: hash, may: ['all'] },
    ],
  }
  assert.throws(
    () => parseOperators(JSON.stringify(bad)),
    ({ message }: OperatorsError) => {
      for (const part of ['[0].operator must', '[0].tokenSha256 must', '[0].may must', '[1].may must'])
        assert.ok(message.includes(part), message)
      assert.ok(!message.includes('nd_secret'))
      return true
    },
  )
  assert.throws(() => parseOperators('{}'), OperatorsError)
  assert.throws(() => parseOperators('no'), OperatorsError)
})
