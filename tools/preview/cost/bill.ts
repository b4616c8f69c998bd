import type { Policies } from '../../../policies/bundle.ts'
import { type Demand, demands } from '../../../policies/capacity.ts'
import { bytes } from '../../../policies/model/units.ts'
import { type BuiltStack, graphOf } from '../build/built.ts'
import { monthlyPrice } from './prices.ts'
import { type Item, priced, unpriced } from './resources.ts'

/** What an environment pays for one kind of thing in a month, in US dollars, at the fewest and at the most replicas. */
export interface BillLine {
  readonly environment: string
  readonly service: string
  readonly min: number
  readonly max: number
}

export interface Bill {
  readonly lines: readonly BillLine[]
  /** What costs something that the list does not say. */
  readonly unpriced: readonly string[]
}

/** The line of capacity that waits for load. */
export const headroomLine = 'Warm headroom'

interface Placed extends Item {
  readonly environment: string
  readonly region: string
}

/** Where prices of what an environment has once are taken from. */
const globalRegion = 'us-east-1'

const resourceItems = (stacks: readonly BuiltStack[]): Placed[] =>
  stacks.flatMap((stack) => {
    const { environment, region = globalRegion } = stack
    if (!environment) return []
    const resources = graphOf(stack)?.resources ?? []
    return resources.flatMap(({ type, inputs }) => {
      const own = typeof inputs.region === 'string' ? inputs.region : region
      return (priced[type]?.(inputs, resources) ?? []).map((item) => ({ ...item, environment, region: own }))
    })
  })

const withoutHeadroom = (policies: Policies, environment: string): Policies => {
  const own = policies.cloud[environment]!
  const cloud = { ...policies.cloud, [environment]: { ...own, kubernetes: { ...own.kubernetes, headroom: {} } } }
  return { ...policies, cloud }
}

/** Machines that Karpenter starts for pods, and volumes of pods: what follows from policies and stands in no graph. */
function podItems(policies: Policies, environment: string): Omit<Placed, 'region'>[] {
  const bare = withoutHeadroom(policies, environment)
  const [min, max, warmMin, warmMax] = [
    demands(bare, environment, 'min'),
    demands(bare, environment, 'max'),
    demands(policies, environment, 'min'),
    demands(policies, environment, 'max'),
  ] as const
  return max.flatMap((most, i) => {
    const least = min[i] as Demand
    const spare = (warm: Demand | undefined, of: Demand) => (warm?.nodes ?? 0) - of.nodes
    const price = `ec2:${most.instance ?? 'unknown'}`
    const storage = policies.environments[environment]?.sizes[most.service]?.storage
    const size = storage ? bytes(storage) / 2 ** 30 : 0
    return [
      { environment, service: `Machines: ${most.pool}`, price, min: least.nodes, max: most.nodes },
      { environment, service: headroomLine, price, min: spare(warmMin[i], least), max: spare(warmMax[i], most) },
      { environment, service: 'Volumes', price: 'ebs:gp3', min: size * least.pods, max: size * most.pods },
    ]
  })
}

/** What the stacks cost in a month by the price list: resources by their inputs, pods by the machines that they need in each region. */
export function bill(policies: Policies, stacks: readonly BuiltStack[]): Bill {
  const built = new Set(stacks.flatMap(({ environment }) => environment ?? []))
  const pods = Object.keys(policies.cloud ?? {})
    .filter((environment) => built.has(environment))
    .flatMap((environment) =>
      (policies.environments[environment]?.regions ?? []).flatMap((region) =>
        podItems(policies, environment).map((item) => ({ ...item, region })),
      ),
    )
  const missing = new Set(
    stacks.flatMap(
      (stack) =>
        graphOf(stack)
          ?.resources.filter(unpriced)
          .map(({ type }) => type) ?? [],
    ),
  )
  const sums = new Map<string, { environment: string; service: string; min: number; max: number }>()
  for (const { environment, region, service, price, min, max } of [...resourceItems(stacks), ...pods]) {
    if (max === 0) continue
    const each = monthlyPrice(price, region)
    if (each === undefined) missing.add(`${price} in ${region}`)
    const key = `${environment}\n${service}`
    const sum = sums.get(key) ?? { environment, service, min: 0, max: 0 }
    sum.min += min * (each ?? 0)
    sum.max += max * (each ?? 0)
    sums.set(key, sum)
  }
  return { lines: [...sums.values()], unpriced: [...missing].sort() }
}

/** One line before and after; absent: there was, or is, none. */
export interface BillChange {
  readonly environment: string
  readonly service: string
  readonly before?: BillLine
  readonly after?: BillLine
}

export function compareBills(before: Bill, after: Bill): BillChange[] {
  const keys = new Map<string, BillLine>()
  for (const line of [...after.lines, ...before.lines]) keys.set(`${line.environment}\n${line.service}`, line)
  return [...keys.values()]
    .map(({ environment, service }) => {
      const find = ({ lines }: Bill) => lines.find((l) => l.environment === environment && l.service === service)
      const [was, is] = [find(before), find(after)]
      return { environment, service, ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) }
    })
    .sort((a, b) => a.environment.localeCompare(b.environment) || (b.after?.max ?? 0) - (a.after?.max ?? 0))
}

/** All lines of one environment, or of all. */
export const total = (changes: readonly BillChange[], side: 'before' | 'after', at: 'min' | 'max'): number =>
  changes.reduce((sum, change) => sum + (change[side]?.[at] ?? 0), 0)
