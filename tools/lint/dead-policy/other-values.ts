import type { Policies } from '../../../policies/bundle.ts'
import { serviceOf } from '../../../policies/model/scaling.ts'

/** Values that a leaf may also have, by the path; those of its own type that keep the policies whole come first. */
export function otherValues(path: string, value: unknown, all: Policies): readonly unknown[] {
  const others = [...sensible(path, all), ...addon(value), ...generic(value)]
  return others.filter((other) => other !== value)
}

const words: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.role$/, ['primary', 'secondary', 'dr']],
  [/\.jurisdiction$/, ['local', 'us', 'eu', 'apac']],
  [/\.inlets\..*\.protocol$/, ['TCP', 'UDP']],
  [/\.protocol$/, ['http', 'tls']],
  [/\.system\.instance$/, ['m7i.xlarge']],
  [/^images\..*\.from$/, ['sources', 'vendor']],
  [/\.nat$/, ['one', 'per-zone']],
  [/\.replication$/, ['sync', 'async']],
  [/\.capacity$/, ['on-demand', 'spot']],
  [/\.architecture$/, ['amd64', 'arm64']],
  [/\.zones\.\d+$/, ['d', 'e', 'f']],
  [/\.dataClass$/, ['events', 'audit', 'models']],
  [/\.storageClass$/, ['STANDARD_IA', 'GLACIER_IR']],
  [/\.namespace$/, ['siem', 'data', 'monitoring', 'ngfw']],
  [/\.urgency$/, ['page', 'ticket']],
  [/\.receiver\.kind$/, ['pagerduty', 'slack']],
  [/^objectives\.levels\..*\.latency$/, ['ingest', 'storing', 'query', 'inference']],
  [/^scaling\..*\.mode$/, ['off', 'preview', 'on']],
  [/\.kind$/, ['rate', 'average', 'sum']],
  [/\.autoscaler$/, ['none', 'keda']],
  [/\.binding\.\d+$/, ['high-availability', 'autoscaling-within-quota']],
  [/\.guardrails\.stops$/, ['low', 'medium', 'high', 'critical']],
  [/\.guardrails\.judges$/, ['manifest', 'program']],
  [/\.partitioning$/, ['tenant', 'single']],
  [/\.partitionBy$/, ['day', 'month']],
]

/** Another build of an add-on: 'v1.2.3-eksbuild.1'. */
const addon = (value: unknown): readonly string[] =>
  typeof value === 'string' && /-eksbuild\.\d+$/.test(value) ? [value.replace(/\d+$/, '99')] : []

function sensible(path: string, { services, regions }: Policies): readonly string[] {
  const word = words.find(([pattern]) => pattern.test(path))
  if (word) return word[1]
  const parts = path.split('.')
  const service = services[parts[1] ?? '']
  if (/\.regions\.\d+$/.test(path)) return Object.keys(regions)
  if (/^services\..*\.calls\.\d+\.service$/.test(path)) {
    const port = service?.calls[Number(parts[3])]?.port
    return Object.keys(services).filter((name) => port && services[name]?.ports[port] !== undefined)
  }
  if (/^services\..*\.calls\.\d+\.port$/.test(path))
    return Object.keys(services[service?.calls[Number(parts[3])]?.service ?? '']?.ports ?? {})
  if (/^services\..*\.entry$/.test(path)) return Object.keys(service?.ports ?? {})
  if (/^scaling\..*\.name$/.test(path)) return Object.keys(services[serviceOf(parts[1] ?? '')]?.metrics ?? {})
  return []
}

/** The last two are far enough for a check that leaves room. */
const factors = [2, 0.5, 64, 1 / 64] as const

/** Another number, another quantity of the same unit, another text. */
function generic(value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1, ...factors.map((factor) => value * factor)]
  if (typeof value !== 'string') return []
  const quantity = /^(\d+(?:\.\d+)?)(\D*)$/.exec(value)
  if (!quantity) return [`${value}_other`]
  const [, number, unit] = quantity
  return factors.map((factor) => `${Number(number) * factor}${unit}`)
}
