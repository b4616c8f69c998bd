import type { LocalServiceName } from '../../../policies/services.ts'
import type { Ingredients, LayerDescription } from './description.ts'

/**
 * What stands between an event and its alert. On a machine that does everything these wait for a core behind whatever else runs, at each step: asking for small
 * slices (tools/engine/go/prompt) brought the P99 of 25,000 events a second on two cores from 110 ms to 70 (docs/benchmarks.md).
 */
export const alertPath: ReadonlySet<string> = new Set<LocalServiceName>([
  'event-collector',
  'kafka',
  'correlation-engine',
])

/** The layers of an image's program and how it is started: by `prompt`, where there is one and it stands in an alert's way. */
export function promptly(
  { prompt }: Ingredients,
  image: string,
  entrypoint: readonly string[],
): { readonly layers: readonly LayerDescription[]; readonly entrypoint: readonly string[] } {
  if (prompt === undefined || !alertPath.has(image)) return { layers: [], entrypoint }
  const to = '/usr/bin/prompt'
  return { layers: [{ name: 'prompt', sources: [{ from: prompt, to }] }], entrypoint: [to, ...entrypoint] }
}
