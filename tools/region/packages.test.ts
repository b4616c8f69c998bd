import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bundledPackages } from './packages.ts'

const checkout = mkdtempSync(join(tmpdir(), 'nd-packages-'))
after(() => rmSync(checkout, { recursive: true }))

function install(folder: string, name: string, version: string): string {
  mkdirSync(join(checkout, folder), { recursive: true })
  writeFileSync(join(checkout, folder, 'package.json'), JSON.stringify({ name, version, license: 'x' }))
  return `${folder}/lib/index.js`
}

test('each package of a bundle is listed once with its version, scoped and nested ones too', () => {
  const files = [
    'services/siem/hot-sink/main.ts',
    install('node_modules/b', 'b', '2.0.0'),
    install('node_modules/@a/x', '@a/x', '1.0.0'),
    install('node_modules/b/node_modules/c', 'c', '3.0.0'),
    'node_modules/b/other.js',
  ]
  assert.deepEqual(bundledPackages(files, checkout), [
    { name: '@a/x', version: '1.0.0' },
    { name: 'b', version: '2.0.0' },
    { name: 'c', version: '3.0.0' },
  ])
})
