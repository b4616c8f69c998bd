/** One node of V8's CPU profile. @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

interface Frame {
  readonly name: string
  /** Microseconds, in it and below. */
  total: number
  readonly below: Map<string, Frame>
}

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string => {
  const file = url.split('/').at(-1) ?? ''
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`
}

/** The profile as one tree of frames by name, without idle time. */
export function frames({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const own = new Map<number, number>()
  for (const [i, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const root: Frame = { name: 'all', total: 0, below: new Map() }
  const add = (node: ProfileNode, into: Frame): number => {
    const name = nameOf(node)
    if (name === '(idle)') return 0
    const frame = into.below.get(name) ?? { name, total: 0, below: new Map() }
    into.below.set(name, frame)
    let time = own.get(node.id) ?? 0
    for (const child of node.children ?? []) {
      const found = byId.get(child)
      if (found) time += add(found, frame)
    }
    frame.total += time
    return time
  }
  for (const child of nodes[0]?.children ?? []) {
    const found = byId.get(child)
    if (found) root.total += add(found, root)
  }
  return root
}

const width = 1_400
const height = 17
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (c) => escapes[c] as string)

/** Warm colours, the same for the same name. */
function colour(name: string): string {
  let hash = 0
  for (const c of name) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0
  return `hsl(${hash % 55} 85% ${58 + (hash % 12)}%)`
}

/** A flame graph as SVG: a frame's width is its share of the CPU time; its callers stand below it. Frames below a thousandth are left out. */
export function flameGraph(profile: CpuProfile, title: string): string {
  const root = frames(profile)
  const boxes: string[] = []
  let deepest = 0
  const draw = (frame: Frame, x: number, depth: number): void => {
    const share = frame.total / root.total
    if (!(share >= 0.001)) return
    deepest = Math.max(deepest, depth)
    const wide = share * width
    const label = `${frame.name} ${(share * 100).toFixed(1)} %`
    const fits = Math.floor(wide / 6.6)
    const text = fits < 4 ? '' : escaped(label.length > fits ? `${label.slice(0, fits - 1)}…` : label)
    boxes.push(
      `<g transform="translate(${x.toFixed(1)} ${-depth * height})"><title>${escaped(label)}</title>` +
        `<rect width="${wide.toFixed(1)}" height="${height - 1}" fill="${colour(frame.name)}"/><text x="3" y="12">${text}</text></g>`,
    )
    let at = x
    for (const child of [...frame.below.values()].sort((a, b) => b.total - a.total)) {
      draw(child, at, depth + 1)
      at += (child.total / root.total) * width
    }
  }
  draw(root, 0, 0)
  const tall = (deepest + 2) * height + 10
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${tall}" font-family="monospace" font-size="11">`,
    `<text x="4" y="14" font-size="13">${escaped(title)}: ${(root.total / 1e6).toFixed(1)} CPU s</text>`,
    `<g transform="translate(0 ${tall - height - 2})">`,
    ...boxes,
    '</g></svg>\n',
  ].join('\n')
}
