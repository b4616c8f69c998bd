import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from './command.ts'
import { iptablesWrapper } from './rootfs.ts'
import { script, temp } from './test/temp.ts'

test('an iptables wrapper finds its own variant and modules, also through a link', async (t) => {
  const root = temp(t)
  script(join(root, 'art/usr/sbin/ip6tables-nft-save'), 'echo "$XTABLES_LIBDIR $*"')
  script(join(root, 'art/bin/ip6tables-save'), iptablesWrapper('ip6tables-save'))
  symlinkSync(join(root, 'art/bin/ip6tables-save'), join(root, 'link'))
  assert.equal(await run(join(root, 'link'), ['-t', 'a b']), `${root}/art/usr/lib/x86_64-linux-gnu/xtables -t a b\n`)
})
