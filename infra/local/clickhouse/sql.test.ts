import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admit, forbidden } from './sql.ts'

const denied = forbidden(['file', 'url', 's3', 'remote', 'executable', 'numbers', 'merge'])
const refused = (sql: string, access: 'read' | 'write', words: RegExp) =>
  assert.throws(() => admit(sql, access, denied), words, sql)

test('a reader reads tables and nothing else', () => {
  for (const sql of [
    'SELECT 1',
    'with 1 as a select a',
    '(SELECT 1)',
    "/* x */ SELECT ';' -- ;\n;",
    'SELECT 1 FROM numbers(3)',
  ])
    assert.doesNotThrow(() => admit(sql, 'read', denied), sql)
  refused('INSERT INTO siem.events VALUES (1)', 'read', /READONLY/)
  refused('DROP TABLE siem.events', 'read', /ACCESS_DENIED/)
  refused('SET readonly = 0', 'read', /ACCESS_DENIED/)
  refused('SELECT 1; SELECT 2', 'read', /Multi-statements/)
  refused("SELECT * FROM file('/etc/passwd')", 'read', /reaches beyond/)
  refused("SELECT * FROM `file` /* */ ('/etc/passwd')", 'read', /reaches beyond/)
  refused("SELECT FILE('/etc/passwd')", 'read', /reaches beyond/)
  refused("SELECT 1 INTO OUTFILE '/tmp/x'", 'read', /OUTFILE/)
  refused('SELECT * FROM system.parts', 'read', /system/)
  refused('SELECT * FROM "system" . parts', 'read', /system/)
  refused('SELECT $$;$$', 'read', /Heredoc/)
  refused("SELECT 'open", 'read', /not closed/)
})

test('a writer also inserts and defines, without files', () => {
  const { insert } = admit('INSERT INTO siem.events (a, b) FORMAT RowBinary', 'write', denied)
  assert.deepEqual(insert, { head: 'INSERT INTO siem.events (a, b) ', tail: 'FORMAT RowBinary' })
  assert.deepEqual(admit('INSERT INTO t SETTINGS a=1 FORMAT CSV', 'write', denied).insert, {
    head: 'INSERT INTO t ',
    tail: 'SETTINGS a=1 FORMAT CSV',
  })
  assert.doesNotThrow(() => admit('INSERT INTO merge (a) FORMAT CSV', 'write', denied))
  refused("INSERT INTO FUNCTION file('x') SELECT 1", 'write', /reaches beyond/)
  refused("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 'write', /INFILE/)
  refused('DROP TABLE t', 'write', /ACCESS_DENIED/)
})

test('a name cannot be spelled by escapes, which the engine reads and a guard would not', () => {
  for (const sql of [
    `SELECT * FROM "f\\x69le"('/etc/hostname', 'LineAsString')`,
    'SELECT name FROM "syst\\x65m".databases',
    'SELECT name FROM `syst\\x65m`.databases',
  ])
    for (const access of ['read', 'write'] as const)
      assert.throws(() => admit(sql, access, forbidden(['file'])), /backslash/, sql)
})
