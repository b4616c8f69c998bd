import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { policies } from '../../../policies/bundle.ts'
import { leaves } from '../../../policies/checks/units.ts'
import { observe, type Seen } from './observe.ts'

/** What `observe` says of every leaf, in as many processes as there are cores: each loads hundreds of policies, which no process gives back. */
export async function observeAll(): Promise<readonly Seen[]> {
  const parts = availableParallelism()
  const answers = await Promise.all(
    Array.from({ length: parts }, async (_, part) => {
      const child = spawn(process.execPath, [import.meta.filename, String(part), String(parts)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      const said = await text(child.stdout)
      const [code] = await exited
      if (code !== 0) throw new Error(`Part ${part} of ${parts} ended with ${code}.`)
      return JSON.parse(said) as readonly Seen[]
    }),
  )
  return answers.flat()
}

if (import.meta.main) {
  const [part, parts] = process.argv.slice(2).map(Number)
  // Neighbours take equally long: every so-manieth leaf, not a run of them.
  const mine = new Set([...leaves(policies)].map(([path]) => path).filter((_, at) => at % parts! === part))
  const seen = await observe(policies, (path) => mine.has(path))
  process.stdout.write(JSON.stringify(seen))
}
