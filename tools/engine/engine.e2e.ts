import assert from 'node:assert/strict'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { Toolchain } from '../../infra/local/toolchain.ts'
import { run } from './command.ts'
import { ensure } from './ensure.ts'
import { artefactIds, fullArtefacts, pins } from './pins.ts'
import { Display } from './progress.ts'

let tools: Toolchain
/** Those of the profile full are tried by its own tests: compiling them takes too long for these. */
const ids = artefactIds.filter((id) => !fullArtefacts.has(id))

before(async () => {
  const listener = new Display()
  try {
    tools = await ensure(ids, { listener })
  } finally {
    listener.close()
  }
})

test('every program that is pinned by version is that version', async () => {
  for (const id of ids)
    for (const [name, { ask, answer }] of Object.entries(pins[id].found ?? {}))
      assert.equal(answer.exec(await run(tools.bin(name), ask))?.[1], pins[id].version, name)
})

test("the node's programs run with a bare environment and their own libraries", async () => {
  const env = { PATH: '/usr/bin:/bin' }
  const ask = { runc: '--version', containerd: '--version', ctr: '--version', tini: '--version', ip: '-V' }
  for (const [name, option] of Object.entries(ask)) assert.ok(await run(tools.bin(name), [option], { env }), name)
  const libraries = await run('ldd', [join(tools.path('node-runtime'), 'usr/sbin/runc')], { env })
  assert.match(libraries, new RegExp(`libseccomp\\.so\\.2 => ${tools.path('node-runtime')}/`))
})

test('iptables reads back the rules it wrote, in a network of its own', async () => {
  const rule = 'OUTPUT -d 192.0.2.0/24 -j REJECT'
  const commands = `iptables -A ${rule} && iptables-save | iptables-restore --noflush && iptables-save && ip6tables-save`
  const path = `${join(tools.path('node-runtime'), 'bin')}:${process.env.PATH}`
  const saved = await run('unshare', ['--net', 'sh', '-ec', commands], { env: { ...process.env, PATH: path } })
  assert.match(saved, /-A OUTPUT -d 192\.0\.2\.0\/24 -j REJECT/)
})

test('the images have what their programs need', () => {
  const wanted: [Parameters<Toolchain['path']>[0], string][] = [
    ['image-base', 'usr/lib64/ld-linux-x86-64.so.2'],
    ['image-base', 'usr/lib/x86_64-linux-gnu/libatomic.so.1'],
    ['image-base', 'usr/lib/x86_64-linux-gnu/libstdc++.so.6'],
    ['image-base', 'etc/ssl/certs/ca-certificates.crt'],
    ['image-base', 'usr/share/zoneinfo/UTC'],
    ['redis', 'usr/lib/x86_64-linux-gnu/libssl.so.3'],
    ['jre', 'usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so'],
    ['kafka', `kafka_2.13-${pins.kafka.version}.jar`],
    ['kafka', `kafka-tools-${pins.kafka.version}.jar`],
    ['node-runtime', 'usr/lib/cni/bridge'],
    ['node-runtime', 'usr/lib/cni/portmap'],
  ]
  for (const [id, file] of wanted) {
    // Not followed: a link may lead to an absolute path, which is one inside the image.
    assert.ok(lstatSync(join(tools.path(id), file), { throwIfNoEntry: false }), `${id}: ${file}`)
  }
})
