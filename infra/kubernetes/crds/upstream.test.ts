import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EC2NodeClass } from '@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass'
import { NodePool } from '@kubernetes-models/karpenter/karpenter.sh/v1/NodePool'
import { ClusterTriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/ClusterTriggerAuthentication'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { manifestsOf } from '../test/manifests.ts'

const models = { EC2NodeClass, NodePool, ClusterTriggerAuthentication, ScaledObject } as const

for (const [kind, Model] of Object.entries(models))
  test(`every ${kind} is what its operator’s own schema allows`, () => {
    const own = [...manifestsOf('prod').values()].filter((manifest) => manifest.kind === kind)
    assert.ok(own.length > 0)
    for (const manifest of own) {
      // biome-ignore lint/suspicious/noExplicitAny: what the schema says of it is the question
      const model = new Model(manifest as any)
      model.validate()
      assert.equal(model.apiVersion, manifest.apiVersion)
    }
  })

test('a field that the schema does not allow is found', () => {
  const pool = [...manifestsOf('prod').values()].find(({ kind }) => kind === 'NodePool') ?? assert.fail()
  // biome-ignore lint/suspicious/noExplicitAny: a mistake on purpose
  const broken = structuredClone(pool) as any
  broken.spec.disruption.consolidationPolicy = 'WhenBored'
  assert.throws(() => new NodePool(broken).validate())
})
