import assert from 'node:assert/strict'
import type { StackGraph } from '../../graph/graph.ts'
import type { AwsScope } from '../scope.ts'
import { assertTagged } from './graph.ts'

/** assertTagged for a stack of several regions: each resource has the tags of one of them. */
export function assertTaggedByRegion(graph: StackGraph, scopes: readonly AwsScope[]): void {
  const regionOf = (inputs: Readonly<Record<string, unknown>>) =>
    (inputs.tags as { Region?: string } | undefined)?.Region
  for (const scope of scopes)
    assertTagged(
      {
        ...graph,
        resources: graph.resources.filter(({ inputs }) =>
          scopes.every((other) => other === scope || regionOf(inputs) !== other.region),
        ),
      },
      scope,
    )
}

/** Fails with the names of resources of the types ('kms/key:Key') that a mistake could delete: all must be protected and retained. */
export function assertKept({ resources }: StackGraph, types: readonly string[]): void {
  for (const type of types) {
    const found = resources.filter((resource) => resource.type === `aws:${type}`)
    assert.ok(found.length > 0, `nothing is aws:${type}`)
    assert.deepEqual(
      found.filter(({ protect, retainOnDelete }) => !(protect && retainOnDelete)).map(({ name }) => name),
      [],
      `aws:${type} can be deleted`,
    )
  }
}

/** A program for `recordGraph` that makes something and tells nothing. */
export const making = (make: () => unknown) => async () => {
  make()
  return {}
}
