import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cycloneDx } from './inventory.ts'

const inventory = {
  name: 'hot-sink',
  digest: `sha256:${'ab'.repeat(32)}`,
  node: '24.21.0',
  npm: [{ name: '@clickhouse/client', version: '1.23.1' }],
  debian: [{ name: 'libc6', version: '2.36-9+deb12u14', architecture: 'amd64' }],
}

test('a scanner finds Node, the Debian packages and the bundled ones by their purl', () => {
  const bom = JSON.parse(cycloneDx(inventory))
  assert.equal(bom.metadata.component.version, inventory.digest)
  assert.deepEqual(
    bom.components.map(({ purl }: { purl: string }) => purl),
    [
      'pkg:generic/debian@12',
      'pkg:generic/node@24.21.0',
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12',
      'pkg:npm/%40clickhouse/client@1.23.1',
    ],
  )
  assert.equal(new Set(bom.components.map((c: { 'bom-ref': string }) => c['bom-ref'])).size, bom.components.length)
})

test('equal images have an equal inventory', () => {
  assert.equal(cycloneDx(inventory), cycloneDx({ ...inventory }))
})
