import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import type { KubeObject } from '../api/object.ts'

/** The region that tests are in: no GPU, no autoscaler, no bound for pods. */
export const region: InferenceRegion = {
  image: 'registry/ml-inference@sha256:0',
  labels: { 'neurodefender.io/region': 'local', 'neurodefender.io/environment': 'local' },
  domain: 'cluster.local',
  certificate: 'ml-inference-tls',
  account: 'ml-inference',
  size: { cpu: '200m', memory: '512Mi' },
  placement: { general: {} },
  zonesBind: false,
  mesh: {
    gateways: ['mesh', 'istio-system/istio-ingressgateway'],
    tls: 'simple',
    trust: { secret: 'workload-authority', name: 'ml-inference.ngfw.svc' },
  },
}

/** One with everything: machines with GPUs, KEDA, proxies everywhere. */
export const cloudRegion: InferenceRegion = {
  ...region,
  labels: { 'neurodefender.io/region': 'us-east-1', 'neurodefender.io/environment': 'prod' },
  placement: {
    general: { nodeSelector: { pool: 'general' } },
    gpu: { resource: 'nvidia.com/gpu', nodeSelector: { pool: 'gpu' } },
  },
  zonesBind: true,
  mesh: { gateways: ['mesh'], tls: 'mutual' },
  autoscaler: { prometheus: 'https://prometheus.monitoring.svc:9090' },
}

/** The resource of the design document, in the namespace of the tests. */
export const seed = (spec: object = {}): KubeObject => ({
  apiVersion: 'neurodefender.io/v1',
  kind: 'MLInference',
  metadata: { name: 'threat-detection', namespace: 'ngfw' },
  spec: {
    replicas: 3,
    scaling: { metrics: [{ type: 'QPS', averageValue: 1000 }], minReplicas: 2, maxReplicas: 10 },
    resources: { requests: { memory: '4Gi', gpu: '1' } },
    accelerator: 'auto',
    prediction: 'off',
    ...spec,
  },
})

export const model = { version: '1', uri: 's3://models/flows/1.onnx', sha256: 'a'.repeat(64), format: 'onnx' as const }
export const candidate = { ...model, version: '2', uri: 's3://models/flows/2.onnx', sha256: 'b'.repeat(64) }
