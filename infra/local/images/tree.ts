import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { LayerDescription, Source } from './description.ts'
import type { TarEntry } from './tar.ts'

/** An entry of a layer, with where its bytes come from. */
export interface LayerEntry extends TarEntry {
  readonly content?: { readonly file: string } | { readonly text: string }
  /** Changes when the content may have changed: what a cache compares without reading everything. */
  readonly stamp: string
}

/** Debian's merged folders: the base has them as links, and a layer above must not hide these. */
const merged = new Set(['bin', 'lib', 'lib64', 'sbin'])

/**
 * All entries of a layer in the order of their paths, folders before what is in them. Owner and times of this machine do not
 * matter, of the mode only whether a file can be executed.
 */
export function layerEntries(layer: LayerDescription): LayerEntry[] {
  const found = new Map<string, LayerEntry>()
  for (const source of layer.sources) for (const entry of sourceEntries(source)) found.set(entry.path, entry)
  for (const path of [...found.keys()])
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent))
      if (!found.has(parent)) found.set(parent, directory(parent))
  const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
  const kept = layer.name === 'base' ? [...found.values()] : [...found.values()].filter((e) => !hidesMerged(e))
  return kept.sort((a, b) => bytewise(a.path, b.path))
}

const hidesMerged = (entry: LayerEntry): boolean => merged.has(entry.path) && entry.type === 'symlink'

const relative = (path: string): string => posix.normalize(path).replace(/^\/+|\/+$/g, '')

const directory = (path: string, mode = 0o755, owner = 0): LayerEntry => ({
  ...{ path, type: 'directory', mode, uid: owner, gid: owner, size: 0, stamp: '' },
})

function sourceEntries(source: Source): LayerEntry[] {
  if ('folder' in source) return [directory(relative(source.folder), source.mode, source.owner)]
  if ('text' in source) {
    const size = Buffer.byteLength(source.text)
    const content = { text: source.text }
    const path = relative(source.to)
    return [{ path, type: 'file', mode: 0o644, uid: 0, gid: 0, size, content, stamp: source.text }]
  }
  return fileEntries(source.from, relative(source.to), new Set(source.except ?? []), '')
}

function fileEntries(from: string, to: string, except: ReadonlySet<string>, inside: string): LayerEntry[] {
  const stat = lstatSync(from)
  const owner = { uid: 0, gid: 0 }
  if (stat.isSymbolicLink()) {
    const target = readlinkSync(from)
    return [{ path: to, type: 'symlink', mode: 0o777, ...owner, size: 0, target, stamp: target }]
  }
  if (stat.isDirectory()) {
    const children = readdirSync(from)
      .map((name) => ({ name, below: inside ? `${inside}/${name}` : name }))
      .filter(({ below }) => !except.has(below))
      .flatMap(({ name, below }) => fileEntries(join(from, name), to ? `${to}/${name}` : name, except, below))
    return to ? [directory(to), ...children] : children
  }
  if (!stat.isFile()) return []
  const mode = stat.mode & 0o111 ? 0o755 : 0o644
  const stamp = `${stat.size} ${stat.mtimeMs} ${stat.ino}`
  return [{ path: to, type: 'file', mode, ...owner, size: stat.size, content: { file: from }, stamp }]
}
