import { readFileSync, statSync } from 'node:fs'
import { ProposeError } from './error.ts'
import type { Point } from './scalability.ts'

const limits = { bytes: 2 ** 20, points: 10_000 } as const
/** Fewer different loads say nothing of how a pod bends. */
const leastPoints = 5

const bad = (message: string): never => {
  throw new ProposeError('BAD_POINTS', message)
}

/** Reads measurements of one pod: CSV with a header 'load,ms' or 'load,ms,p99_ms'. Throws ProposeError. */
export function readPoints(file: string): readonly Point[] {
  let text: string
  try {
    if (statSync(file).size > limits.bytes) bad(`${file} is larger than 1 MiB: keep a few hundred points.`)
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof ProposeError) throw error
    throw new ProposeError('BAD_POINTS', `${file} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
  return parsePoints(text, file)
}

export function parsePoints(text: string, file: string): readonly Point[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = header?.split(',').map((name) => name.trim()) ?? []
  if (names[0] !== 'load' || names[1] !== 'ms' || (names[2] ?? 'p99_ms') !== 'p99_ms' || names.length > 3)
    bad(`${file}: the first line must be 'load,ms' or 'load,ms,p99_ms' (requests a second of one pod, milliseconds).`)
  if (lines.length > limits.points) bad(`${file} has more than ${limits.points} points.`)
  const points = lines.map((line, i): Point => {
    const cells = line.split(',').map((cell) => Number(cell.trim() === '' ? Number.NaN : cell))
    if (cells.length !== names.length || cells.some((value) => !(value > 0 && value < 1e9)))
      bad(`${file}, line ${i + 2}: '${line.slice(0, 80)}' must be ${names.length} numbers above 0.`)
    const [load, ms, p99Ms] = cells as [number, number, number?]
    if (p99Ms !== undefined && p99Ms < ms) bad(`${file}, line ${i + 2}: the P99 is below the mean.`)
    return p99Ms === undefined ? { load, ms } : { load, ms, p99Ms }
  })
  const loads = new Set(points.map(({ load }) => load)).size
  if (loads < leastPoints)
    bad(`${file} has ${loads} different loads; at least ${leastPoints} are needed, from idle to where the pod bends.`)
  return points
}
