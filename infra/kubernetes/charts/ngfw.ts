import { Construct } from 'constructs'
import { type MLInferenceSpec, mlInference } from '../../../policies/model/ml-inference.ts'
import type { MetricName } from '../../../policies/model/service.ts'
import { seconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { customResource } from '../custom-resource.ts'
import { nodeOf } from '../names.ts'
import { bounds, scalingOf } from '../replicas.ts'
import { InferenceOperator } from './inference-operator.ts'
import { RegionChart } from './region-chart.ts'

const service = 'ml-inference'
/** The model that looks for threats in traffic. */
const name = 'threat-detection'

type MetricType = NonNullable<NonNullable<MLInferenceSpec['scaling']>['metrics']>[number]['type']

/** Dimensions of the scaling matrix in the resource's words; one without a word is the autoscaler's alone. */
const metricTypes: Partial<Record<MetricName, MetricType>> = {
  qps: 'QPS',
  gpu_utilization: 'GPUUtilization',
  queue_depth: 'QueueDepth',
  latency_p99: 'LatencyP99',
}

/** The resource as the policies say it. Replicas and weights are beginnings: others own them afterwards. */
export function threatDetection(scope: ChartScope): MLInferenceSpec {
  const row = scalingOf(scope, service)
  const size = scope.policy.sizes[service]
  if (!row || !size) throw new RangeError(`'${service}' needs a row of the scaling matrix and a size.`)
  const called = scope.policies.traffic.calls[service]
  if (called?.protocol !== 'http')
    throw new RangeError(`traffic.calls.${service} must be of the protocol 'http': a canary shares requests.`)
  const { protocol, ...calls } = called
  const { min, max } = bounds(scope, service)
  const { stableWeight, canaryWeight, further, interval, deadline, judged } = scope.policies.traffic.canary
  const { slowShare, ...limits } = judged
  const requests = {
    cpu: size.cpu,
    memory: size.memory,
    ...(size.gpu === undefined ? {} : { gpu: `${size.gpu}` }),
  }
  return {
    replicas: min,
    scaling: {
      policy: 'ml_inference',
      metrics: row.metrics.flatMap(({ name: metric, threshold, window }) => {
        const type = metricTypes[metric]
        return type ? [{ type, averageValue: threshold, windowSeconds: seconds(window) }] : []
      }),
      minReplicas: min,
      maxReplicas: max,
    },
    prediction: row.prediction?.mode ?? 'off',
    resources: { requests },
    traffic: { stableWeight, canaryWeight },
    canary: { steps: [canaryWeight, ...further], interval, deadline, ...limits },
    calls,
  }
}

/** The firewall's model service: the resource, and the operator that makes everything else of it. */
export class Ngfw extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'ngfw', scope)
    const group = new Construct(this, service)
    const { namespace } = nodeOf(scope, service)
    const apiVersion = `${mlInference.group}/${mlInference.version}` as const
    customResource(group, 'resource', {
      apiVersion,
      kind: mlInference.kind,
      metadata: { name, namespace },
      spec: threatDetection(scope),
    })
    new InferenceOperator(this, scope)
  }
}
