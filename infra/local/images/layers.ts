import { podUser } from '../../../policies/model/pod-security.ts'
import type { Ingredients, LayerDescription } from './description.ts'

/** A small Debian: the C and C++ libraries, certificates, time zones, users, and the folders a pod expects. */
export const baseLayer = ({ toolchain }: Ingredients): LayerDescription => ({
  name: 'base',
  sources: [
    { from: toolchain.path('image-base'), to: '/', except: ['var/lib/dpkg', 'usr/share/doc', 'usr/share/lintian'] },
    { folder: '/tmp', mode: 0o1777, owner: 0 },
    { folder: '/data', mode: 0o700, owner: podUser },
    { folder: '/app', mode: 0o755, owner: 0 },
  ],
})

/** Node at /usr/bin/node. */
export const nodeLayer = ({ node }: Ingredients): LayerDescription => ({
  name: 'node',
  sources: [{ from: node, to: '/usr/bin/node' }],
})

/** A program of ours at /app/main.mjs. Throws when it was not bundled. */
export function programLayer({ bundles }: Ingredients, name: string): LayerDescription {
  const folder = bundles[name]
  if (!folder) throw new Error(`There is no bundle of '${name}': the caller of buildImages makes it.`)
  return { name, sources: [{ from: folder, to: '/app' }] }
}

/** Folders of Debian packages that no program reads. */
export const documentation = ['usr/share/doc', 'usr/share/lintian', 'usr/share/man', 'usr/share/bug']
