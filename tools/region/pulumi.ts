import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Toolchain } from '../../infra/local/toolchain.ts'
import { Project, type ProjectOptions } from '../engine/pulumi/project.ts'
import type { Places } from './context.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** Where the program, its state and the engine's own files of a region are. */
function projectOptions(where: Places, toolchain: Pick<Toolchain, 'bin'>, workDir: string): ProjectOptions {
  // Wrappers hold the paths of the checkout and its Node: each pair has its own.
  const key = createHash('sha256').update(`${checkout}\0${process.execPath}`).digest('hex').slice(0, 12)
  return {
    workDir,
    name: 'neurodefender',
    pulumi: toolchain.bin('pulumi'),
    standIns: join(where.cacheRoot, 'pulumi', key),
    backend: join(where.state, 'pulumi'),
    home: join(where.state, 'pulumi', 'home'),
    env: { NEURODEFENDER_REGION: where.region, NEURODEFENDER_STATE: where.stateRoot },
  }
}

/**
 * The stacks of a local region: preview, up, refresh, destroy, outputs, exportStack, each by the stack's name; `environment` is
 * for plain pulumi. `program`: the folder with Pulumi.yaml. Default: this checkout.
 */
export const pulumiFor = (where: Places, toolchain: Pick<Toolchain, 'bin'>, program = checkout): Project =>
  new Project(projectOptions(where, toolchain, program))
