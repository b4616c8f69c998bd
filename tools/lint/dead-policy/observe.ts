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

/** A probe's answer; a refusal is an answer too, but for one by the checks, which are asked by themselves. */
async function answer(probe: Probe, of: Policies, environment: EnvironmentName): Promise<string | undefined> {
  try {
    return text(await probe.run(loaderFor(of), environment))
  } catch (error) {
    return (error as { code?: unknown }).code === 'POLICY' ? undefined : `refused: ${(error as Error).message}`
  }
}

/** What the checks say, and what they would say where there is almost nothing to run on, nothing warm, and a region abroad. */
function verdict(all: Policies): string {
  const poor = Object.keys(all.environments).flatMap((environment) => {
    const none = changed({ [`environments.${environment}.quota`]: { cpu: '1m', memory: '1Mi' } }, all)
    return checkAll(none).filter((finding) => binds(finding, environment, none))
  })
  const cold = changed(
    Object.fromEntries(Object.keys(all.cloud).map((name) => [`cloud.${name}.kubernetes.headroom`, {}])),
    all,
  )
  const abroad = all.regions['us-west-2'] ? changed({ 'regions.us-west-2.jurisdiction': 'eu' }, all) : all
  return text([checkAll(all), poor, checkAll(cold), checkAll(abroad)])
}

/** Environments in which a leaf may be seen: its own, or one on a laptop and one in a cloud. */
function environmentsOf(path: string, all: Policies): readonly EnvironmentName[] {
  const own = Object.keys(all.environments).find(
    (name) => path.startsWith(`environments.${name}.`) || path.startsWith(`cloud.${name}.`),
  )
  return own ? [own as EnvironmentName] : ['local', 'prod']
}

/** Whether a leaf of staging is also one of prod's: the same code reads both, so one is enough. */
function twinOf(path: string, all: Policies): boolean {
  const twin = path.replace(/^(cloud|environments)\.staging\./, '$1.prod.')
  return twin !== path && [...leaves(all)].some(([other]) => other === twin)
}

/** Changes every leaf of the policies (that `which` picks), one at a time, and asks every probe until one answers otherwise than before. */
export async function observe(
  all: Policies = policies,
  which: (path: string) => boolean = () => true,
): Promise<readonly Seen[]> {
  const before = new Map<string, Promise<string | undefined>>()
  const baseline = (probe: Probe, environment: EnvironmentName): Promise<string | undefined> => {
    const key = `${probe.name} ${environment}`
    const known = before.get(key) ?? answer(probe, all, environment)
    before.set(key, known)
    return known
  }
  const shows = async (probe: Probe, environment: EnvironmentName, mutants: readonly Policies[]): Promise<boolean> => {
    const was = await baseline(probe, environment)
    for (const mutant of mutants) {
      const is = await answer(probe, mutant, environment)
      if (is !== undefined && is !== was) return true
    }
    return false
  }
  const judged = verdict(all)
  const seen: Seen[] = []
  for (const [path, value] of leaves(all)) {
    if (!which(path) || twinOf(path, all)) continue
    const mutants = otherValues(path, value, all).map((other) => changed({ [path]: other }, all))
    let found: Seen | undefined
    for (const environment of environmentsOf(path, all))
      for (const probe of probes)
        if (!found && (probe.about?.(path) ?? true) && (await shows(probe, environment, mutants)))
          found = { path, by: probe.kind, where: probe.name }
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

/** Probes that answer twice differently under the same policies: to them every leaf would seem read. */
export async function unsteady(environment: EnvironmentName): Promise<readonly string[]> {
  const found: string[] = []
  // One after the other: programs of Pulumi share what they record to.
  for (const probe of probes) {
    const once = await answer(probe, policies, environment)
    if (once !== (await answer(probe, policies, environment))) found.push(probe.name)
  }
  return found
}
