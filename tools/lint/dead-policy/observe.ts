import { type Policies, policies } from '../../../policies/bundle.ts'
import { binds, checkAll } from '../../../policies/checks/index.ts'
import { changed } from '../../../policies/checks/testing/change.ts'
import { leaves } from '../../../policies/checks/units.ts'
import type { EnvironmentName } from '../../../policies/environments.ts'
import { otherValues } from './other-values.ts'
import { type Probe, probes } from './probes.ts'
import { loaderFor } from './reload.ts'

/** What showed that somebody reads a leaf: an object, a behaviour, only a check's finding, or nothing. */
export interface Seen {
  readonly path: string
  readonly by: Probe['kind'] | 'finding' | 'nothing'
  /** The probe's name. */
  readonly where?: string
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? 'undefined'

/** A probe's answer; a refusal is an answer too. */
async function answer(probe: Probe, of: Policies, environment: EnvironmentName): Promise<string> {
  try {
    return text(await probe.run(loaderFor(of), environment))
  } catch (error) {
    return `refused: ${(error as Error).message}`
  }
}

/** What the checks say, and what they would stop where there is almost nothing to run on. */
function verdict(all: Policies): string {
  const poor = Object.keys(all.environments).flatMap((environment) => {
    const none = changed({ [`environments.${environment}.quota`]: { cpu: '1m', memory: '1Mi' } }, all)
    return checkAll(none).filter((finding) => binds(finding, environment, none))
  })
  return text([checkAll(all), poor])
}

/** Environments in which a leaf may be seen: its own, or one on a laptop and one in a cloud. */
function environmentsOf(path: string, all: Policies): readonly EnvironmentName[] {
  const own = Object.keys(all.environments).find((name) => path.startsWith(`environments.${name}.`))
  return own ? [own as EnvironmentName] : ['local', 'prod']
}

/** Changes every leaf of the policies (that `which` picks), one at a time, and asks every probe until one answers otherwise than before. */
export async function observe(
  all: Policies = policies,
  which: (path: string) => boolean = () => true,
): Promise<readonly Seen[]> {
  const before = new Map<string, Promise<string>>()
  const baseline = (probe: Probe, environment: EnvironmentName): Promise<string> => {
    const key = `${probe.name} ${environment}`
    const known = before.get(key) ?? answer(probe, all, environment)
    before.set(key, known)
    return known
  }
  const shows = async (probe: Probe, environment: EnvironmentName, mutants: readonly Policies[]): Promise<boolean> => {
    const was = await baseline(probe, environment)
    for (const mutant of mutants) if ((await answer(probe, mutant, environment)) !== was) return true
    return false
  }
  const judged = verdict(all)
  const seen: Seen[] = []
  for (const [path, value] of leaves(all)) {
    if (!which(path)) continue
    const mutants = otherValues(path, value, all).map((other) => changed({ [path]: other }, all))
    let found: Seen | undefined
    for (const environment of environmentsOf(path, all))
      for (const probe of probes)
        if (!found && (await shows(probe, environment, mutants))) found = { path, by: probe.kind, where: probe.name }
    found ??= mutants.some((mutant) => verdict(mutant) !== judged) ? { path, by: 'finding' } : undefined
    seen.push(found ?? { path, by: 'nothing' })
  }
  return seen
}

/** Probes that fail under the policies in force: they would prove nothing. */
export async function broken(environment: EnvironmentName): Promise<readonly string[]> {
  const answers = await Promise.all(
    probes.map(async (probe) => [probe.name, await answer(probe, policies, environment)]),
  )
  return answers.flatMap(([name, said]) => (said?.startsWith('refused: ') ? [`${name} ${said}`] : []))
}
