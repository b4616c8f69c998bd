type Json = unknown
type Tree = Record<string, Json>

const isTree = (value: Json): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value)

/** Lists that the API server merges by a key, as far as the operator writes them; all others are replaced whole. */
const keyed: Readonly<Record<string, (item: Json) => string>> = {
  finalizers: (item) => String(item),
  ownerReferences: (item) => String((item as Tree).uid),
  conditions: (item) => String((item as Tree).type),
}

const asTree = (key: string, list: readonly Json[]): Tree =>
  Object.fromEntries(list.map((item) => [keyed[key]?.(item) ?? '', item]))

/** What server-side apply makes of `live`: fields of `now` are set, those of `before` (the same manager's last) that are no longer there go. */
export function applyMerge(live: Json, before: Json, now: Json, key = ''): Json {
  if (Array.isArray(now) && keyed[key]) {
    const [l, b] = [live, before].map((list) => asTree(key, Array.isArray(list) ? list : []))
    const merged = applyMerge(l, b, asTree(key, now)) as Tree
    return Object.values(merged)
  }
  if (!isTree(now)) return now
  const merged: Tree = isTree(live) ? { ...live } : {}
  if (isTree(before))
    for (const [name, old] of Object.entries(before)) {
      if (name in now) continue
      if (keyed[name] && Array.isArray(old)) merged[name] = without(name, merged[name], old)
      else delete merged[name]
    }
  for (const [name, value] of Object.entries(now))
    merged[name] = applyMerge(merged[name], isTree(before) ? before[name] : undefined, value, name)
  return merged
}

function without(key: string, live: Json, gone: readonly Json[]): Json {
  const keys = new Set(gone.map((item) => keyed[key]?.(item)))
  return Array.isArray(live) ? live.filter((item) => !keys.has(keyed[key]?.(item) ?? '')) : live
}
