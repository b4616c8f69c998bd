import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ModelListError } from '../../common/inference/model-list.ts'
import { silentLog } from '../../common/log/log.ts'
import { ModelListFile } from './model-list-file.ts'

const list = (...versions: string[]) =>
  JSON.stringify({
    models: versions.map((version) => ({ name: 'm', version, uri: 'file:///m.onnx', sha256: 'a'.repeat(64) })),
  })

test('a list is handed on when it changes, and a bad one changes nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-list-'))
  const path = join(folder, 'models.json')
  assert.throws(() => new ModelListFile(path, silentLog, () => {}), ModelListError)
  writeFileSync(path, list('1'))
  const seen: string[][] = []
  const file = new ModelListFile(path, silentLog, (entries) => seen.push(entries.map(({ version }) => version)))
  file.reload()
  writeFileSync(path, '{')
  file.reload()
  writeFileSync(path, list('1', '2'))
  file.reload()
  file.close()
  assert.deepEqual(seen, [['1'], ['1', '2']])
  rmSync(folder, { recursive: true })
})
