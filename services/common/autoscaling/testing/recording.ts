import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { RecordedCase, RecordedDecision, Step } from './case.ts'

/** What the unmodified controller of Kubernetes decided; made by `npm run oracle:hpa`. */
export const recordingFile = fileURLToPath(new URL('./decisions.json.gz', import.meta.url))

type Column<T> = readonly (readonly [value: T, times: number])[]

/** A case by columns, each as values and how often they come in a row. */
interface Packed extends Omit<RecordedCase, 'steps' | 'decisions'> {
  readonly values: Column<unknown>[]
  readonly unready: Column<number>
  readonly set: Column<number | null>
  readonly decisions: { readonly [K in Exclude<keyof RecordedDecision, 'at'>]: Column<RecordedDecision[K]> }
}

const columns = ['current', 'ready', 'running', 'desired', 'able', 'active', 'limited'] as const

function pack<T>(values: readonly T[]): Column<T> {
  const runs: [T, number][] = []
  let last = ''
  for (const value of values) {
    const text = JSON.stringify(value)
    const run = runs.at(-1)
    if (run && text === last) run[1]++
    else runs.push([value, 1])
    last = text
  }
  return runs
}

const unpack = <T>(column: Column<T>): T[] =>
  column.flatMap(([value, times]) => Array.from({ length: times }, () => value))

export function packed(cases: readonly RecordedCase[]): Buffer {
  const packedCases = cases.map(({ steps, decisions, ...rest }) => ({
    ...rest,
    values: rest.metrics.map((_, i) => pack(steps.map(({ values }) => values[i] ?? null))),
    unready: pack(steps.map(({ unready = 0 }) => unready)),
    set: pack(steps.map(({ set = null }) => set)),
    decisions: Object.fromEntries(columns.map((name) => [name, pack(decisions.map((decision) => decision[name]))])),
  }))
  return gzipSync(JSON.stringify(packedCases), { level: 9 })
}

export function unpacked(bytes: Buffer): RecordedCase[] {
  const cases: Packed[] = JSON.parse(gunzipSync(bytes).toString('utf8'))
  return cases.map(({ values, unready, set, decisions, ...rest }) => {
    const series = values.map(unpack)
    const [down, sets] = [unpack(unready), unpack(set)]
    const made = columns.map((name) => unpack<string | number>(decisions[name]))
    return {
      ...rest,
      steps: down.map((count, step): Step => {
        const to = sets[step]
        return {
          values: series.map((one) => one[step]) as Step['values'],
          ...(count > 0 ? { unready: count } : {}),
          ...(typeof to === 'number' ? { set: to } : {}),
        }
      }),
      // The controller looks every 15 s.
      decisions: down.map((_, step) => ({
        at: (step + 1) * 15_000,
        ...(Object.fromEntries(columns.map((name, i) => [name, made[i]?.[step]])) as Omit<RecordedDecision, 'at'>),
      })),
    }
  })
}

export const recorded = (): RecordedCase[] => unpacked(readFileSync(recordingFile))
