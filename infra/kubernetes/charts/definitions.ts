import { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import { mlInference } from '../../../policies/model/ml-inference.ts'
import type { ChartScope } from '../context.ts'
import { mlInferenceDefinition } from '../crds/ml-inference.ts'
import { RegionChart } from './region-chart.ts'

/** The kinds that are ours. Those of others come with their operators. */
export class Definitions extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'definitions', scope)
    new ApiObject(this, mlInference.singular, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${mlInference.plural}.${mlInference.group}` },
      spec: mlInferenceDefinition,
    })
  }
}
