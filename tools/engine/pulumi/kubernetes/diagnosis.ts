import type { Cluster } from './cluster.ts'
import type { Kind } from './kind.ts'
import { nameOfId } from './object.ts'
import { at, isObject, type Json, type JsonObject } from './wire.ts'

const podKind: Kind = { apiVersion: 'v1', kind: 'Pod' }
const lines = 10
const podsShown = 3

const items = (object: JsonObject, ...path: string[]): JsonObject[] => {
  const found = at(object, path)
  return Array.isArray(found) ? found.filter(isObject) : []
}

const expression = ({ key, operator, values }: JsonObject): string => {
  const all = Array.isArray(values) ? values.join(',') : ''
  if (operator === 'In') return `${key} in (${all})`
  if (operator === 'NotIn') return `${key} notin (${all})`
  return operator === 'DoesNotExist' ? `!${key}` : String(key)
}

/** A workload's or Service's selector as a query writes it; undefined where it selects nothing. */
export function selectorOf(object: JsonObject): string | undefined {
  const selector = at(object, ['spec', 'selector'])
  if (!isObject(selector)) return undefined
  const labels = isObject(selector.matchLabels) ? selector.matchLabels : 'matchExpressions' in selector ? {} : selector
  const parts = [
    ...Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`),
    ...items(object, 'spec', 'selector', 'matchExpressions').map(expression),
  ]
  return parts.length > 0 ? parts.join(',') : undefined
}

/** What keeps one pod from being ready, in the words of Kubernetes: undefined where nothing does. */
export function trouble(pod: JsonObject): string | undefined {
  const words: string[] = []
  for (const container of [
    ...items(pod, 'status', 'initContainerStatuses'),
    ...items(pod, 'status', 'containerStatuses'),
  ]) {
    const waiting = at(container, ['state', 'waiting'])
    const ended = at(container, ['state', 'terminated']) ?? at(container, ['lastState', 'terminated'])
    if (isObject(waiting) && waiting.reason !== 'PodInitializing' && waiting.reason !== 'ContainerCreating')
      words.push(`container ${container.name}: ${[waiting.reason, waiting.message].filter(Boolean).join(': ')}`)
    if (isObject(ended) && ended.exitCode !== 0)
      words.push(
        `container ${container.name} ended with ${ended.exitCode} (${ended.reason ?? 'no reason'}), ${container.restartCount ?? 0} restarts`,
      )
    else if (!waiting && !ended && container.ready === false) words.push(`container ${container.name} is not ready`)
  }
  for (const condition of items(pod, 'status', 'conditions'))
    if (condition.type === 'PodScheduled' && condition.status === 'False') words.push(String(condition.message))
  return words.length > 0 ? `pod ${String(at(pod, ['metadata', 'name']))}: ${words.join('; ')}` : undefined
}

async function podsOf(cluster: Cluster, kind: Kind, object: JsonObject, signal?: AbortSignal): Promise<JsonObject[]> {
  if (kind.kind === 'Pod') return [object]
  const selector = selectorOf(object)
  const namespace = at(object, ['metadata', 'namespace'])
  if (selector === undefined || typeof namespace !== 'string') return []
  return cluster.select(podKind, namespace, selector, signal)
}

/** One line on what its pods wait for, cheap enough to be asked again and again. */
export async function podTrouble(
  cluster: Cluster,
  kind: Kind,
  object: JsonObject,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const troubles = (await podsOf(cluster, kind, object, signal)).map(trouble).filter((words) => words !== undefined)
  return troubles[0]
}

/** Everything that helps to see why an object is not ready: its pods' reasons and last log lines, and its warning events. */
export async function diagnose(cluster: Cluster, kind: Kind, id: string, object: JsonObject): Promise<string[]> {
  const found: string[] = []
  try {
    const pods = (await podsOf(cluster, kind, object)).filter((pod) => trouble(pod) !== undefined).slice(0, podsShown)
    for (const pod of pods) found.push(String(trouble(pod)), ...(await lastLines(cluster, pod)))
    found.push(...(await warnings(cluster, id, kind, pods)))
  } catch (error) {
    found.push(`(nothing more could be found out: ${(error as Error).message})`)
  }
  return found
}

async function lastLines(cluster: Cluster, pod: JsonObject): Promise<string[]> {
  const statuses = [...items(pod, 'status', 'initContainerStatuses'), ...items(pod, 'status', 'containerStatuses')]
  const bad = statuses.find((status) => status.ready === false && at(status, ['state', 'terminated', 'exitCode']) !== 0)
  if (!bad) return []
  const name = { namespace: String(at(pod, ['metadata', 'namespace'])), name: String(at(pod, ['metadata', 'name'])) }
  const path = `${await cluster.path(podKind, name)}/log`
  const read = async (previous: boolean): Promise<string[]> => {
    try {
      const text = await cluster.connection.text({
        path,
        query: { container: String(bad.name), tailLines: String(lines), ...(previous ? { previous: 'true' } : {}) },
      })
      return text.trimEnd().split('\n').filter(Boolean).slice(-lines)
    } catch {
      return []
    }
  }
  const said = await read(false)
  const shown = said.length > 0 ? said : await read(true)
  return shown.map((line) => `  ${bad.name}: ${line.slice(0, 400)}`)
}

async function warnings(cluster: Cluster, id: string, kind: Kind, pods: readonly JsonObject[]): Promise<string[]> {
  const { namespace, name } = nameOfId(id)
  const names = new Set<Json | undefined>([name, ...pods.map((pod) => at(pod, ['metadata', 'name']))])
  const list = await cluster.connection.send({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace ?? 'default')}/events`,
    query: { fieldSelector: 'type=Warning', limit: '200' },
  })
  const events = (Array.isArray(list.items) ? list.items : []).filter(isObject)
  const about = events.filter((event) => {
    const involved = event.involvedObject
    return isObject(involved) && names.has(involved.name) && (involved.kind === kind.kind || involved.kind === 'Pod')
  })
  return [...new Set(about.map((event) => `event ${event.reason}: ${String(event.message).slice(0, 400)}`))].slice(-5)
}
