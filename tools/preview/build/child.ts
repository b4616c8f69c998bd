import { writeFileSync } from 'node:fs'
import { build, buildCloud, judged } from './build.ts'
import type { BuiltVariant, Variant } from './built.ts'
import { without } from './edits.ts'
import { buildLocal } from './local.ts'
import { loadModules } from './modules.ts'
import { letPoliciesContradict } from './unjudged.ts'

/** What the parent asks of the process that has loaded a revision. Answers are files: graphs are too large for a pipe. */
export type Request =
  | { readonly kind: 'build'; readonly file: string }
  | { readonly kind: 'variant'; readonly file: string; readonly variant: Variant }
export type Answer =
  | { readonly kind: 'doing'; readonly doing: string }
  | { readonly kind: 'done'; readonly file: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack?: string }

const [folder] = process.argv.slice(2)
if (!folder || !process.send) throw new Error('This is a part of tools/preview/main.ts, which starts it.')
const say = (answer: Answer): void => void process.send?.(answer)

letPoliciesContradict(folder)
// A graph must not differ because two revisions lie in two folders.
const write = (file: string, value: unknown): void =>
  writeFileSync(file, JSON.stringify(value).replaceAll(JSON.stringify(folder).slice(1, -1), '.'))

const modules = loadModules(folder)
modules.catch(() => {})

async function answer(request: Request): Promise<void> {
  const loaded = await modules
  if (request.kind === 'build') {
    write(request.file, await build(loaded, loaded.policies, (doing) => say({ kind: 'doing', doing })))
  } else {
    const { variant, file } = request
    const policies = without(loaded.policies, variant.without)
    const cloud = await buildCloud(loaded, policies, () => {}, new Set(variant.stacks))
    const stacks = [...cloud, ...buildLocal(loaded, policies)].filter(({ stack }) => variant.stacks.includes(stack))
    write(file, { stacks, findings: judged(loaded, policies) } satisfies BuiltVariant)
  }
  say({ kind: 'done', file: request.file })
}

process.on('message', (request: Request) => {
  answer(request).catch((error: Error) =>
    say({ kind: 'failed', message: error.message, ...(error.stack ? { stack: error.stack } : {}) }),
  )
})
process.on('disconnect', () => process.exit(0))
