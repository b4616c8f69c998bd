import { dump } from 'js-yaml'
import { seeded } from '../../../services/common/testing/random.ts'
import type { OracleCase } from './python.ts'

type Correlation = Readonly<Record<string, unknown>>

const rule = (name: string): unknown => ({
  title: name,
  name,
  id: `00000000-0000-4000-8000-00000000000${'abc'.indexOf(name)}`,
  logsource: { category: 'test' },
  detection: { selection: { kind: name }, condition: 'selection' },
})

const correlation = (title: string, section: Correlation): unknown => ({ title, name: title, correlation: section })

/** One stream of events over a few minutes, and correlations over it: of every type, chained or not. The same for the same seed. */
export function stream(seed: number): OracleCase {
  const random = seeded(seed)
  const pick = <T>(...list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const some = <T>(list: readonly T[]): T[] => {
    const chosen = list.filter(() => random() < 0.6)
    return chosen.length > 0 ? chosen : [pick(...list)]
  }
  const comparison = (): Correlation =>
    pick(
      { gte: pick(2, 3, 4) },
      { gt: pick(1, 2) },
      { lt: pick(2, 3) },
      { lte: 2 },
      { eq: pick(1, 2, 3) },
      { neq: pick(1, 2) },
    )
  const groupBy = (): string[] => pick([], ['user'], ['user', 'host'], ['host'])
  const timespan = (): string => pick('5s', '10s', '30s', '1m')
  const shared = (): Correlation => ({ 'group-by': groupBy(), timespan: timespan() })
  const simple = (): Correlation => {
    const rules = some(['a', 'b', 'c'])
    switch (pick(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)) {
      case 0:
      case 1:
        return { type: 'event_count', rules, ...shared(), condition: comparison() }
      case 2:
        return { type: 'value_count', rules, ...shared(), condition: { ...comparison(), field: pick('port', 'host') } }
      case 3:
        return { type: 'temporal', rules, ...shared() }
      case 4:
        return {
          type: 'temporal',
          rules: ['a', 'b', 'c'],
          ...shared(),
          condition: pick<unknown>({ gte: 2 }, { lt: 2 }, { eq: 2 }, 'a and (b or c)', 'a and b and c'),
        }
      case 9:
        // The oracle asks an alternative without `not` at each event, ours when its window is over: such are left to the slow reference.
        return {
          type: pick('temporal', 'temporal_ordered'),
          rules: ['a', 'b', 'c'],
          ...shared(),
          condition: pick(
            'a and not b and not c',
            'not (b or c) and a',
            'a and b and not c',
            'not a and c or a and not (b or c)',
            'a and not b or c and b and not a',
            'not b and (a or c)',
          ),
        }
      case 5:
        return { type: 'temporal_ordered', rules: pick(['a', 'b'], ['c', 'a', 'b'], ['b', 'c']), ...shared() }
      case 6:
        return {
          type: 'temporal_ordered',
          rules: ['b', 'a', 'c'],
          ...shared(),
          condition: pick<unknown>({ gte: 2 }, { gt: 1 }, 'b and a and c', 'b and a or c'),
        }
      case 7:
        return {
          type: pick('value_sum', 'value_avg', 'value_median'),
          rules,
          ...shared(),
          condition: { ...comparison(), field: 'port' },
        }
      default:
        return {
          type: 'value_percentile',
          rules,
          ...shared(),
          condition: { ...comparison(), field: 'port', percentile: pick(0, 25, 90, 100) },
        }
    }
  }
  const parent = (child: string): Correlation =>
    pick<Correlation>(
      { type: 'temporal_ordered', rules: pick([child, 'c'], ['a', child]), ...shared() },
      { type: 'event_count', rules: [child], ...shared(), condition: comparison() },
      {
        type: 'temporal',
        rules: [child, 'b'],
        ...shared(),
        condition: pick(`${child} and not b`, `b and not ${child}`),
      },
      { type: 'value_count', rules: [child], ...shared(), condition: { ...comparison(), field: 'port' } },
      {
        type: 'temporal',
        rules: [child, 'b'],
        'group-by': ['who'],
        timespan: timespan(),
        aliases: { who: { [child]: 'user', b: 'host' } },
      },
    )
  const sections: unknown[] = []
  for (const at of [0, 1, 2]) sections.push(correlation(`alone${at}`, simple()))
  sections.push(correlation('child', simple()), correlation('parent', { ...parent('child'), generate: true }))
  const half = pick(1, 1, 2)
  const events = Array.from({ length: 40 + Math.floor(random() * 60) }, () => ({
    timestamp: new Date(Date.UTC(2026, 0, 5) + Math.floor(random() * 120 * half) * (1_000 / half)).toISOString(),
    kind: pick('a', 'a', 'b', 'c', 'none'),
    ...(random() < 0.95 ? { user: pick('alice', 'ALICE', 'bob', 'carol') } : {}),
    ...(random() < 0.95 ? { host: pick('h1', 'h2', 'alice') } : {}),
    ...(random() < 0.9 ? { port: pick<unknown>(1, 2, '2', 3, 4, '0x2', -1) } : {}),
  }))
  return {
    rules: ['a', 'b', 'c']
      .map(rule)
      .concat(sections)
      .map((one) => dump(one))
      .join('---\n'),
    events,
  }
}
