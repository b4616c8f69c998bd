import { count, decimal, type Infer, list, object, oneOf, optional, text } from './schema.ts'

export const mlInference = {
  group: 'neurodefender.io',
  version: 'v1',
  kind: 'MLInference',
  plural: 'mlinferences',
  singular: 'mlinference',
} as const

const quantity = '^[0-9]+(\\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$'
const duration = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$'
const resources = object('What one pod asks for.', {
  cpu: optional(text('Cores or millicores.', quantity)),
  memory: optional(text('Bytes.', quantity)),
  gpu: optional(text('Whole GPUs.', '^[0-9]+$')),
})

/** A service that answers with a model: what the platform says of it. Its operator makes everything that follows. */
export const mlInferenceSpec = object('What the service is to be.', {
  replicas: optional(count('Pods now. An autoscaler owns it once there is one.', 0)),
  scaling: optional(
    object(
      'How many pods there are for how much work.',
      {
        metrics: list(
          'A pod is added when any of these is above its value.',
          object('One dimension.', {
            type: oneOf('What is measured.', ['QPS', 'GPUUtilization', 'QueueDepth', 'LatencyP99']),
            averageValue: decimal('What each pod may have of it.', 0),
            windowSeconds: optional(count('Over how long it is measured.', 1)),
          }),
          1,
        ),
        minReplicas: count('The fewest pods.', 1),
        maxReplicas: count('The most pods.', 1),
      },
      [{ rule: 'self.minReplicas <= self.maxReplicas', message: 'minReplicas is above maxReplicas' }],
    ),
  ),
  resources: optional(object('What one pod gets.', { requests: resources, limits: optional(resources) })),
  traffic: optional(
    object(
      'How callers are shared between two versions. The canary controller owns it after creation.',
      {
        stableWeight: count('Per cent.', 0, 100),
        canaryWeight: count('Per cent.', 0, 100),
      },
      [{ rule: 'self.stableWeight + self.canaryWeight == 100', message: 'the two weights do not make 100' }],
    ),
  ),
  calls: optional(
    object('How callers behave when it is slow or fails. Its operator tells the mesh.', {
      timeout: optional(text('For the whole call, all tries included.', duration)),
      retries: optional(
        object('How often it is tried.', {
          attempts: count('The first one included.', 1),
          perTry: text('For one try.', duration),
        }),
      ),
      connections: optional(
        object('Calls beyond these are refused at once.', {
          most: count('At once.', 1),
          pending: count('That wait.', 1),
        }),
      ),
      outlier: optional(
        object('A pod with so many errors in a row gets no calls for a while.', {
          errors: count('In a row.', 1),
          interval: text('Between two looks.', duration),
          ejection: text('For how long it gets none.', duration),
          mostEjected: decimal('At most this share of the pods at once.', 0),
        }),
      ),
    }),
  ),
})

export type MLInferenceSpec = Infer<typeof mlInferenceSpec>

const condition = object('One thing that is true of it or not.', {
  type: text('What.'),
  status: oneOf('Whether.', ['True', 'False', 'Unknown']),
  reason: optional(text('Why, in one word.')),
  message: optional(text('Why, in a sentence.')),
  lastTransitionTime: optional(text('Since when.')),
  observedGeneration: optional(count('Of which generation this is true.', 0)),
})

const mlInferenceStatus = object('What the service is. Only its operator writes it.', {
  replicas: optional(count('Pods that exist.', 0)),
  readyReplicas: optional(count('Pods that answer.', 0)),
  selector: optional(text('By which an autoscaler finds the pods.')),
  observedGeneration: optional(count('The generation that was last acted on.', 0)),
  conditions: optional(list('What is true of it.', condition)),
})

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
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ],
} as const
