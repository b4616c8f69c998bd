import { mlInference, mlInferenceSpec, mlInferenceStatus } from '../../../policies/model/ml-inference.ts'
import { object, optional } from '../../../policies/model/schema.ts'

/** The definition of the resource, for the API server. */
export const mlInferenceDefinition = {
  group: mlInference.group,
  scope: 'Namespaced',
  names: {
    kind: mlInference.kind,
    listKind: `${mlInference.kind}List`,
    plural: mlInference.plural,
    singular: mlInference.singular,
    shortNames: ['mli'],
  },
  versions: [
    {
      name: mlInference.version,
      served: true,
      storage: true,
      schema: {
        openAPIV3Schema: object('A service that answers with a model.', {
          spec: mlInferenceSpec,
          status: optional(mlInferenceStatus),
        }).openApi,
      },
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
      additionalPrinterColumns: [
        { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas' },
        { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
        { name: 'Available', type: 'string', jsonPath: ".status.conditions[?(@.type=='Available')].status" },
        { name: 'Model', type: 'string', jsonPath: '.status.subsets.stable.version' },
        { name: 'Canary', type: 'string', jsonPath: '.status.canary.phase' },
        { name: 'Weight', type: 'integer', jsonPath: '.status.canary.weight' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ],
} as const
