import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { GraphResource, StackGraph } from '../../graph/graph.ts'

const require = createRequire(import.meta.url)
const taggable = new Map<string, boolean>()

/** Whether AWS lets a resource of the type have tags: its class then also answers `tagsAll`. */
function hasTags(type: string): boolean {
  const known = taggable.get(type)
  if (known !== undefined) return known
  const [, path] = type.split(':')
  const answer = readFileSync(require.resolve(`@pulumi/aws/${path}.js`), 'utf8').includes('"tagsAll"')
  taggable.set(type, answer)
  return answer
}

const demanded = ['Project', 'Environment', 'Region', 'Component', 'CostCentre', 'Jurisdiction', 'ManagedBy']

/** Names of AWS resources that could have our tags and lack one. */
export const untagged = ({ resources }: StackGraph): string[] =>
  resources
    .filter(({ type, custom }) => custom && type.startsWith('aws:') && hasTags(type))
    .filter(({ inputs }) => demanded.some((tag) => !(inputs.tags as Record<string, string> | undefined)?.[tag]))
    .map(({ type, name }) => `${type} ${name}`)

/** The one resource of a type, or of a type and a name. */
export function one({ resources }: StackGraph, type: string, name?: string): GraphResource {
  const found = resources.filter((resource) => resource.type === type && (!name || resource.name === name))
  assert.equal(found.length, 1, `${found.length} resources are ${type} ${name ?? ''}`)
  return found[0]!
}

/** All resources of a type, by name. */
export const every = ({ resources }: StackGraph, type: string): GraphResource[] =>
  resources.filter((resource) => resource.type === type)

/** What keeps data and could be deleted by a mistake. */
export const unguarded = ({ resources }: StackGraph, types: readonly string[]): string[] =>
  resources
    .filter(({ type, protect, retainOnDelete }) => types.includes(type) && !(protect && retainOnDelete))
    .map(({ name }) => name)
