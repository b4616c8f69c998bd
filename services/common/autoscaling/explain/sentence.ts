import type { Explanation, MetricReason } from './explain.ts'

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 })
const pods = (count: number): string => `${count} pod${count === 1 ? '' : 's'}`

/** 'qps is 6,500 and a pod may have 1,000' */
function measured({ name, kind, value = 0, target }: MetricReason): string {
  if (kind === 'level') return `${name} is ${number(value)} and shall be ${number(target)}`
  const what = kind === 'forecast' ? `the forecast of ${name}` : name
  return `${what} is ${number(value)} and a pod may have ${number(target)}`
}

/** What the metric that counts asks for, as a clause. */
function asking(won: MetricReason): string {
  if (won.fallback)
    return `${won.name} has had no answer for long, and KEDA stands in for it with ${pods(won.pods ?? 0)}`
  if (won.withinTolerance) return `${measured(won)}: near enough to change nothing`
  return `${measured(won)}, so that it asks for ${pods(won.pods ?? 0)}`
}

type Facts = Omit<Explanation, 'sentence'>

const silent = ({ metrics }: Facts): string =>
  metrics
    .filter(({ pods: asked }) => asked === undefined)
    .map(({ name, kind }) => (kind === 'forecast' ? `the forecast of ${name}` : name))
    .join(' and ')

/** What had the last word, as a clause; none where the metric had it. */
function lastWord(facts: Facts): string | undefined {
  const { cause, desired, bounds, limit, stabilisation } = facts
  switch (cause) {
    case 'stabilisation':
      return `but in the last ${stabilisation?.windowSeconds}s ${stabilisation?.to} were asked for, and that holds`
    case 'step up':
    case 'step down': {
      const by = limit?.percent === undefined ? '' : ` by ${limit.percent}%`
      return `and one look may change it${by}, so that it is ${desired} and not ${limit?.from} yet`
    }
    case 'least':
      return `but ${bounds.min} is the least`
    case 'most':
      return `but ${bounds.max} is the most`
    default:
      return undefined
  }
}

/** 'ml-inference goes from 2 to 3 pods: qps is 9,000 and a pod may have 1,000, so that it asks for 9 pods, and …' */
export function sentenceOf(facts: Facts, won: MetricReason | undefined): string {
  const { service, pods: before, desired, cause, chain, bounds } = facts
  const head =
    before === desired ? `${service} stays at ${pods(desired)}` : `${service} goes from ${before} to ${pods(desired)}`
  const tail = (): string => {
    if (cause === 'none') return 'there is none, and the autoscaler begins with the first'
    if (chain[0] === 'outside')
      return `somebody had set ${before}, and ${cause === 'least' ? `${bounds.min} is the least` : `${bounds.max} is the most`}`
    if (cause === 'blind') return 'no metric has an answer, and what nobody sees changes nothing'
    if (cause === 'missing') return `${silent(facts)} has no answer, and while that is so the others take no pod away`
    const clauses = [won ? asking(won) : 'nothing asks for more', lastWord(facts)].filter((one) => one !== undefined)
    const held = chain.includes('stabilisation') && cause !== 'stabilisation' ? ' (as recent looks did)' : ''
    return `${clauses[0]}${held}${clauses[1] ? `, ${clauses[1]}` : ''}`
  }
  return `${head}: ${tail()}.`
}
