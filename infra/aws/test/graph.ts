import assert from 'node:assert/strict'
import aws from '@pulumi/aws'
import type { GraphResource, StackGraph } from '../../graph/graph.ts'
import type { AwsScope } from '../scope.ts'
import { tags } from '../scope.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
export type Inputs = Readonly<Record<string, any>>

/** The resources of a type: 'ec2/vpc:Vpc'. */
export const ofType = (graph: StackGraph, type: string): readonly (GraphResource & { readonly inputs: Inputs })[] =>
  graph.resources.filter((resource) => resource.type === `aws:${type}`)

/** The inputs of the one resource of a type. */
export function only(graph: StackGraph, type: string): Inputs {
  const found = ofType(graph, type)
  assert.equal(found.length, 1, `${found.length} resources are aws:${type}`)
  return found[0]?.inputs ?? {}
}

/** The statements of a policy, by their sid. */
export function statements(policy: unknown): Readonly<Record<string, Inputs>> {
  const { Statement } = JSON.parse(String(policy)) as { Statement: readonly Inputs[] }
  return Object.fromEntries(Statement.map((statement) => [statement.Sid, statement]))
}

/** Whether the provider lets a resource of the type carry tags: its class then has all that AWS knows of them as an output. */
function taggable(type: string): boolean {
  const [, module = '', name = ''] = type.split(/[:/]/).length > 3 ? type.split(/[:/]/).toSpliced(2, 1) : []
  const made = (aws as unknown as Record<string, Record<string, unknown> | undefined>)[module]?.[name]
  assert.equal(typeof made, 'function', `${type} is no resource of @pulumi/aws`)
  return String(made).includes('tagsAll')
}

/** Fails with the names of the AWS resources that could carry the platform's tags and do not. Answers how many do. */
export function assertTagged(graph: StackGraph, scope: AwsScope): number {
  const able = graph.resources.filter(({ type, custom }) => custom && type.startsWith('aws:') && taggable(type))
  const wanted = Object.entries(tags(scope, ''))
  const bare = able.filter(({ inputs }) => {
    const own = (inputs.tags ?? {}) as Record<string, string>
    return wanted.some(([key, value]) => (key === 'Component' ? !own[key] : own[key] !== value))
  })
  assert.deepEqual(
    bare.map(({ urn }) => urn),
    [],
    'resources without the tags of the platform',
  )
  return able.length
}
