import { entryHost } from '../../aws/global/entries.ts'
import type { ChartScope } from '../context.ts'
import { cloudScope } from '../names.ts'
import { entries } from './graph.ts'

/** The names under which a service answers callers from outside: wherever DNS sends them, and in this region. */
export function publicHosts(scope: ChartScope, service: string): readonly string[] {
  if (!entries(scope).includes(service)) return []
  const { domain } = cloudScope(scope).cloud
  return [entryHost(domain, service), entryHost(domain, service, scope.context.region)]
}
