import { readdirSync } from 'node:fs'
import type { Guardrail } from '../model/guardrail.ts'
import type { Fixture } from './fixture.ts'

const folder = new URL('../rules/', import.meta.url)

const isRule = (value: unknown): value is Guardrail =>
  typeof value === 'object' && value !== null && 'find' in value && 'severity' in value

/** Every rule that a file of `rules/` exports, with the fixture of the same name beside it. Throws for a rule without one. */
export async function loadRules(): Promise<readonly { readonly rule: Guardrail; readonly fixture: Fixture }[]> {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: group }) =>
      readdirSync(new URL(`${group}/`, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [group, name] as const),
    )
  const found = []
  for (const [group, file] of files)
    for (const rule of Object.values((await import(`${folder.href}${group}/${file}`)) as object).filter(isRule)) {
      const { fixture } = (await import(`${folder.href}${group}/testing/${file}`)) as { fixture: Fixture }
      found.push({ rule, fixture })
    }
  return found
}
