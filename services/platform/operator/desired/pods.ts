import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import type { Model } from '../../../../policies/model/ml-inference.ts'
import { containerSecurity, podSecurity } from '../../../../policies/model/pod-security.ts'
import { readyPath } from '../../../../policies/model/service.ts'
import { seconds } from '../../../../policies/model/units.ts'
import { services } from '../../../../policies/services.ts'
import { modelListFile } from '../../../common/inference/model-list.ts'
import type { Inference } from '../inference.ts'
import { labelsOf, modelAnnotation, type Subset, selectorOf } from './names.ts'
import type { Sizing } from './sizing.ts'

const service = 'ml-inference'
const { ports, startup, grace } = services[service]

/** How long a pod that is going away still serves, until no proxy sends to it any more. */
const drainSeconds = 5
/** Models from elsewhere are kept here; an emptyDir, so a pod that fills it goes, not the machine. */
const cacheSize = '2Gi'

const probe = (path: string, rest: Readonly<Record<string, number>>) => ({
  httpGet: { path, port: 'admin', scheme: 'HTTPS' },
  timeoutSeconds: 5,
  ...rest,
})

/** The pods of one subset: the runtime under the restricted profile, with one list of models. */
export function podTemplate(
  inference: Inference,
  region: InferenceRegion,
  of: { readonly subset: Subset; readonly modelId: string; readonly models: string; readonly sizing: Sizing },
): Readonly<Record<string, unknown>> {
  const { subset, sizing, models, modelId } = of
  const spread = (topologyKey: string, binds: boolean) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: binds ? 'DoNotSchedule' : 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorOf(inference.metadata.name, subset) },
    // Each rollout's pods are spread among themselves.
    matchLabelKeys: ['pod-template-hash'],
  })
  const env = {
    ND_SERVICE: service,
    // Its metrics say whose pod they are of.
    ND_INFERENCE: inference.metadata.name,
    ND_REGION: region.labels['neurodefender.io/region'] ?? '',
    ND_ENVIRONMENT: region.labels['neurodefender.io/environment'] ?? '',
    ND_ENTRY: region.mesh.tls === 'mutual' ? 'proxied' : 'tls',
    ...(region.traces === undefined ? {} : { ND_TRACES: region.traces }),
  }
  return {
    metadata: {
      labels: labelsOf(inference, region, subset),
      annotations: { [modelAnnotation]: modelId },
    },
    spec: {
      serviceAccountName: region.account,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: seconds(grace) + drainSeconds,
      securityContext: podSecurity,
      ...sizing.placement,
      topologySpreadConstraints: [
        spread('kubernetes.io/hostname', false),
        spread('topology.kubernetes.io/zone', region.zonesBind),
      ],
      containers: [
        {
          name: service,
          image: region.image,
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'ND_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ...Object.entries(env).map(([name, value]) => ({ name, value })),
          ],
          ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
          resources: sizing.resources,
          securityContext: containerSecurity,
          startupProbe: probe('/healthz', { periodSeconds: 1, failureThreshold: seconds(startup) }),
          livenessProbe: probe('/healthz', { periodSeconds: 10, failureThreshold: 3 }),
          readinessProbe: probe(readyPath, { periodSeconds: 2, failureThreshold: 3 }),
          lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
          volumeMounts: [
            { name: 'tls', mountPath: '/etc/neurodefender/tls', readOnly: true },
            { name: 'models', mountPath: modelListFile.slice(0, modelListFile.lastIndexOf('/')), readOnly: true },
            { name: 'data', mountPath: '/data' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'tls', secret: { secretName: region.certificate } },
        { name: 'models', configMap: { name: models } },
        { name: 'data', emptyDir: { sizeLimit: cacheSize } },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
    },
  }
}

/** What callers ask for when they ask for this model. */
export const modelName = ({ metadata }: Inference, { name }: Model): string => name ?? metadata.name
