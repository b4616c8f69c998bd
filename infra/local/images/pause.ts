import { join } from 'node:path'
import type { ImageDescription, Ingredients } from './description.ts'

/** The first process of every pod: holds its network namespace and buries its orphans. One static binary, nothing else. */
export const pause = ({ toolchain }: Ingredients): ImageDescription => ({
  name: 'pause',
  layers: [
    { name: 'pause', sources: [{ from: join(toolchain.path('node-runtime'), 'usr/bin/catatonit'), to: '/catatonit' }] },
  ],
  entrypoint: ['/catatonit', '-P'],
})
