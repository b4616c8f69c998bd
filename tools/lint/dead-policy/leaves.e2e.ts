import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observeAll } from './observe-all.ts'

/** Leaves that only checks read, and why that is enough. */
const judgedOnly: readonly (readonly [RegExp, string])[] = [
  [/^cloud\.\w+\.kubernetes\.version$/, 'the control plane is of it, and so must add-ons be: one alone is refused'],
  [/^regions\.local\.role$/, 'a laptop has one region, which leads'],
  [/^environments\.local\.regions\.0$/, 'a laptop has one region, whose name its state folder carries'],
  [/^environments\.\w+\.binding\.1$/, 'a rule about other policies'],
  [/^links\.\d+\.roundTrip$/, 'what a synchronous copy is held to'],
  [/^cloud\.\w+\.serviceQuotas\.\w+$/, 'what the account may use: pools and brokers are held to it'],
  [/^cloud\.\w+\.kubernetes\.pools\.\w+\.nodeStartup$/, 'why a step of scaling must find warm room'],
  [/^traffic\.calls\.clickhouse\.protocol$/, 'what a proxy can see on the port: which limits may be given at all'],
  [/^sharding\.shards\.staging$/, 'objects of local and prod are looked at here; staging is made by the same code'],
]

const list = (paths: readonly string[]): string => paths.map((path) => `\n  ${path}`).join('')

// Hundreds of leaves, each asked of every probe until one answers otherwise: minutes, so it stands with the end-to-end tests.
test('every leaf of the policies changes an object, a behaviour or, where that is enough, a finding', async () => {
  const seen = await observeAll()
  const dead = seen.filter(({ by }) => by === 'nothing').map(({ path }) => path)
  assert.deepEqual(dead, [], `Nobody reads these: give each a reader, or delete it.${list(dead)}`)
  const enough = (path: string) => judgedOnly.some(([pattern]) => pattern.test(path))
  const judged = seen.filter(({ by, path }) => by === 'finding' && !enough(path)).map(({ path }) => path)
  assert.deepEqual(
    judged,
    [],
    `Only checks read these: give each a reader, a probe that shows it, or a reason.${list(judged)}`,
  )
  const stale = judgedOnly.filter(([pattern]) => !seen.some(({ by, path }) => by === 'finding' && pattern.test(path)))
  assert.deepEqual(stale, [], 'These are no exceptions any more: take them out.')
})
