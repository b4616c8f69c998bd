import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { policies } from '../../policies/bundle.ts'
import { ensure } from '../engine/ensure.ts'
import { Project } from '../engine/pulumi/project.ts'
import { places } from '../region/context.ts'
import { command } from '../region/run.ts'
import { deployCommand } from './command.ts'
import { preflight, secretsOf, thisMachine } from './preflight.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** The cloud's project: the backend and the secrets are the environment's own, and resource plugins are Pulumi's. */
async function cloudProject(signal: AbortSignal): Promise<Project> {
  const { cacheRoot } = places()
  const toolchain = await ensure(['pulumi'], { cacheRoot, signal })
  const key = createHash('sha256').update(`${checkout}\0${process.execPath}`).digest('hex').slice(0, 12)
  return new Project({
    workDir: checkout,
    name: 'neurodefender',
    pulumi: toolchain.bin('pulumi'),
    standIns: join(cacheRoot, 'pulumi', `${key}-cloud`),
    plugins: ['pulumi-language-nodejs', 'pulumi-analyzer-policy'],
    policyPacks: [join(checkout, 'policies/guardrails')],
    secrets: 'stack-file',
    create: false,
  })
}

export const main = (args: string[]): Promise<number> =>
  command((signal) =>
    deployCommand(args, {
      policies,
      signal,
      interactive: process.stdin.isTTY === true,
      preflight: (environment, stacks) => preflight(thisMachine(), { environment, stacks, workDir: checkout }),
      project: () => cloudProject(signal),
      secretsProvider: (environment) => secretsOf(thisMachine(), checkout, environment).provider,
    }),
  )

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
