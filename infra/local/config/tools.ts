import { dirname, join } from 'node:path'
import type { Toolchain } from '../toolchain.ts'

/** Absolute paths of every program that runs in a region. */
export interface RegionTools {
  readonly bin: (name: string) => string
  readonly cniPlugins: string
  /** PATH inside the region. */
  readonly path: string
}

const onPath = [
  'containerd',
  'containerd-shim-runc-v2',
  'runc',
  'iptables',
  'iptables-save',
  'iptables-restore',
  'kubectl',
]

export function regionTools(toolchain: Toolchain): RegionTools {
  const folders = new Set(onPath.map((name) => dirname(toolchain.bin(name))))
  return {
    bin: (name) => toolchain.bin(name),
    cniPlugins: join(toolchain.path('node-runtime'), 'usr/lib/cni'),
    path: [...folders, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
  }
}
