import { scaling as matrix } from '../scaling.ts'
import { traffic } from '../traffic.ts'
import {
  byDefault,
  count,
  decimal,
  flag,
  type Infer,
  list,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from './schema.ts'

/** How the resource is called. */
export const mlInference = {
  group: 'neurodefender.io',
  version: 'v1',
  kind: 'MLInference',
  plural: 'mlinferences',
  singular: 'mlinference',
} as const

const quantity: Shape = {
  pattern: '^[0-9]+(\\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$',
  says: "A quantity is a number with no unit or one of m, Ki, Mi, Gi, Ti: '500m', '4Gi'.",
}
const duration: Shape = {
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$',
  says: "A duration is a number and one of ms, s, m, h, d: '500ms', '2s'.",
}
const word: Shape = {
  pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$',
  says: 'A name of a model or a version has letters, digits, dots, dashes and underscores, and begins and ends with a letter or a digit.',
}

const resources = object('What one pod asks for.', {
  cpu: optional(text('Cores or millicores.', quantity, 32)),
  memory: optional(text('Bytes.', quantity, 32)),
  gpu: optional(
    text(
      'Whole GPUs.',
      { pattern: '^[0-9]+$', says: "GPUs are whole: write gpu as a whole number in quotes: '1'." },
      8,
    ),
  ),
})

const model = object('A model, and where its file is.', {
  name: optional(text('As which callers ask for it. Default: the name of the resource.', word, 63)),
  version: text('Which one. Two models that differ have different versions.', word, 63),
  uri: text('Where its file is.', {
    pattern: '^(file:///|https?://|s3://).+$',
    says: 'A model comes from file:///path, http://, https:// or s3://bucket/key.',
  }),
  sha256: text(
    'Of the file. Another file is not loaded.',
    {
      pattern: '^[0-9a-f]{64}$',
      says: 'sha256 has 64 hexadecimal digits in lower case: what `sha256sum FILE` prints.',
    },
    64,
  ),
  format: byDefault(oneOf('How it is written down.', ['onnx']), 'onnx'),
})

export type Model = Infer<typeof model>

const scaling = object(
  'How many pods there are for how much work: a row of the scaling matrix, or metrics of its own; where both say something, this object does.',
  {
    policy: optional(
      oneOf('A row of the scaling matrix (policies/scaling.ts).', Object.keys(matrix) as (keyof typeof matrix)[]),
    ),
    metrics: optional(
      list(
        'A pod is added when any of these is above its value.',
        object('One dimension.', {
          type: oneOf('What is measured.', ['QPS', 'GPUUtilization', 'QueueDepth', 'LatencyP99']),
          averageValue: decimal('What each pod may have of it.', 0),
          windowSeconds: optional(count('Over how long it is measured. Default: 60.', 1)),
        }),
        { minItems: 1, maxItems: 8 },
      ),
    ),
    minReplicas: optional(count('The fewest pods.', 1)),
    maxReplicas: optional(count('The most pods.', 1)),
  },
  [
    {
      rule: 'has(self.policy) || (has(self.metrics) && has(self.minReplicas) && has(self.maxReplicas))',
      message: "scaling names a 'policy', or has 'metrics', 'minReplicas' and 'maxReplicas'.",
    },
    {
      rule: '!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
      message: 'minReplicas is above maxReplicas',
    },
  ],
)

const { canary: walk } = traffic

const canary = object(
  'How a candidate takes over. There is one as soon as `model` is here; its controller does the rest.',
  {
    model: optional(model),
    steps: byDefault(
      list('Shares of the callers that it gets, one after another.', count('Per cent.', 1, 100), {
        minItems: 1,
        maxItems: 20,
        rules: [
          {
            rule: 'self.isSorted() && self.all(x, self.exists_one(y, y == x)) && self[self.size() - 1] == 100',
            message: 'The steps of a canary grow, and the last is 100.',
          },
        ],
      }),
      [walk.canaryWeight, ...walk.further],
    ),
    interval: byDefault(text('How long each step lasts at least.', duration, 16), walk.interval),
    minRequests: byDefault(
      count('The share does not grow before each subset has answered so many.', 1),
      walk.judged.minRequests,
    ),
    maxErrorIncrease: byDefault(
      decimal('By how much the share of failed requests may be above that of the stable subset.', 0, 0.99),
      walk.judged.maxErrorIncrease,
    ),
    maxLatencyIncrease: byDefault(
      decimal('By which share requests may take longer than those of the stable subset.', 0),
      walk.judged.maxLatencyIncrease,
    ),
    confidence: byDefault(
      decimal('The chance of a wrong judgement in a whole walk is below 1 less this.', 0.5, 0.9999),
      walk.judged.confidence,
    ),
    deadline: byDefault(text('A candidate that has not taken over by then goes.', duration, 16), walk.deadline),
    paused: byDefault(
      flag('Whether the share stands still, and its clock with it. A candidate that does harm goes all the same.'),
      false,
    ),
  },
)

/** A service that answers with a model: what the platform says of it. Its operator makes everything that follows. */
export const mlInferenceSpec = object(
  'What the service is to be.',
  {
    replicas: byDefault(count('Pods now. An autoscaler owns it once there is one.', 0), 1),
    scaling: optional(scaling),
    resources: optional(object('What one pod gets.', { requests: resources, limits: optional(resources) })),
    accelerator: byDefault(
      oneOf(
        "auto: a GPU where 'resources' asks for one and the region has such machines; gpu: pods wait for one; none: never one.",
        ['auto', 'gpu', 'none'],
      ),
      'auto',
    ),
    model: optional(model),
    canary: optional(canary),
    prediction: byDefault(
      oneOf('Whether forecasts scale it: no; they are only shown; yes.', ['off', 'preview', 'on']),
      'off',
    ),
    traffic: optional(
      object(
        'How callers are shared when a candidate begins. The canary controller owns the weights after that.',
        {
          stableWeight: count('Per cent.', 0, 100),
          canaryWeight: count('Per cent.', 0, 100),
        },
        [{ rule: 'self.stableWeight + self.canaryWeight == 100', message: 'the two weights do not make 100' }],
      ),
    ),
    calls: optional(
      object('How callers behave when it is slow or fails. Its operator tells the mesh.', {
        timeout: optional(text('For the whole call, all tries included.', duration, 16)),
        retries: optional(
          object('How often it is tried.', {
            attempts: count('The first one included.', 1),
            perTry: text('For one try.', duration, 16),
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
            interval: text('Between two looks.', duration, 16),
            ejection: text('For how long it gets none.', duration, 16),
            mostEjected: decimal('At most this share of the pods at once.', 0, 1),
          }),
        ),
      }),
    ),
  },
  [
    {
      rule: '!has(self.canary) || !has(self.canary.model) || has(self.model)',
      message: "A candidate needs a model that it may replace: set 'model' beside 'canary.model'.",
    },
    {
      rule: '!has(self.canary) || !has(self.canary.model) || !has(self.model) || self.canary.model.version != self.model.version || self.canary.model.sha256 == self.model.sha256',
      message: 'The candidate has the version of the present model and another file: give it a version of its own.',
    },
    {
      rule: "self.accelerator != 'gpu' || (has(self.resources) && has(self.resources.requests.gpu) && self.resources.requests.gpu != '0')",
      message: "accelerator 'gpu' needs resources.requests.gpu: say how many one pod gets.",
    },
  ],
)

export type MLInferenceSpec = Infer<typeof mlInferenceSpec>

const condition = object('One thing that is true of it or not.', {
  type: text('What.', undefined, 64),
  status: oneOf('Whether.', ['True', 'False', 'Unknown']),
  reason: optional(text('Why, in one word.', undefined, 64)),
  message: optional(text('Why, in a sentence.')),
  lastTransitionTime: optional(text('Since when.', undefined, 40)),
  observedGeneration: optional(count('Of which generation this is true.', 0)),
})

export type Condition = Infer<typeof condition>

const subset = object('The pods of one model.', {
  version: optional(text('Of its model.', undefined, 63)),
  replicas: optional(count('Pods that exist.', 0)),
  readyReplicas: optional(count('Pods that answer.', 0)),
})

/**
 * The phases of a canary: its pods start; its share is on the way to the mesh; is judged; the stable pods take its model; all callers are
 * on the way back to them; its last answers are waited for. Then what became of it.
 */
export const canaryPhases = [
  'Scaling',
  'Shifting',
  'Analysing',
  'Promoting',
  'Returning',
  'Draining',
  'Promoted',
  'RolledBack',
  'Aborted',
] as const

const window = object('A span of time that is judged.', {
  from: text('Its begin.', undefined, 40),
  to: text('Its end.', undefined, 40),
})

const figures = object('What one subset did in the span that was judged last.', {
  requests: count('Answered.', 0),
  errors: count('Of them, answered with 500 or above, or not at all.', 0),
  medianMs: optional(count('Half of them took at most so long, in milliseconds.', 0)),
  p99Ms: optional(count('99 of 100 took at most so long, in milliseconds.', 0)),
})

const canaryStatus = object('How the candidate does. Only the canary controller writes it.', {
  model,
  candidate: text('Which model that is, in one word.', undefined, 80),
  replaces: text('Which model the stable pods had when it began.', undefined, 80),
  phase: oneOf('Where it is.', canaryPhases),
  outcome: optional(oneOf('What becomes of it.', ['Promoted', 'RolledBack', 'Aborted'])),
  stable: oneOf('Which model the stable pods are to have.', ['current', 'candidate']),
  step: count('Which step, the first is 0.', 0),
  weight: count('Its share of the callers, per cent, as the mesh is to have it.', 0, 100),
  pods: count('Pods that it is to have.', 0),
  startedAt: text('When it began.', undefined, 40),
  since: text('Since when it is in this phase.', undefined, 40),
  deadline: text('By when it must have taken over.', undefined, 40),
  pausedAt: optional(text('Since when it is paused.', undefined, 40)),
  analysedFrom: optional(text('From when on the present share is judged.', undefined, 40)),
  baseline: optional(window),
  reason: text('Why it is there, in one word.', undefined, 64),
  message: text('Why it is there, in a sentence.'),
  figures: optional(object('What it is judged by.', { stable: figures, canary: figures })),
})

export type CanaryStatus = Infer<typeof canaryStatus>

export const mlInferenceStatus = object('What the service is. Only its operator writes it.', {
  observedGeneration: optional(count('The generation that was last acted on.', 0)),
  replicas: optional(count('Pods of the stable subset, which the autoscaler counts.', 0)),
  readyReplicas: optional(count('Those of them that answer.', 0)),
  selector: optional(text('By which an autoscaler finds the pods.')),
  conditions: optional(list('What is true of it.', condition, { key: 'type' })),
  subsets: optional(object('The pods by their model.', { stable: optional(subset), canary: optional(subset) })),
  canary: optional(canaryStatus),
  urls: optional(
    object('Where it answers inside the region.', {
      rest: optional(text('Open Inference Protocol over HTTP.')),
      grpc: optional(text('Open Inference Protocol over gRPC, host:port.')),
    }),
  ),
})

export type MLInferenceStatus = Infer<typeof mlInferenceStatus>
