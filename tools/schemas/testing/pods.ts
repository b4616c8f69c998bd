import type { Manifest } from '../../../infra/kubernetes/synthesize.ts'

// biome-ignore lint/suspicious/noExplicitAny: reads JSON of many kinds
type Any = any

interface Template {
  readonly metadata?: object
  readonly spec: { readonly volumes?: readonly object[] }
}

/** Where a kind keeps templates of pods, and the volumes that its controller adds for the claims that it makes. */
const templates: Readonly<
  Record<string, (spec: Any) => readonly { template: Template; claims?: readonly string[] }[]>
> = {
  Deployment: ({ template }) => [{ template }],
  DaemonSet: ({ template }) => [{ template }],
  Job: ({ template }) => [{ template }],
  CronJob: ({ jobTemplate }) => [{ template: jobTemplate.spec.template }],
  StatefulSet: ({ template, volumeClaimTemplates = [] }) => [
    { template, claims: volumeClaimTemplates.map((claim: Any) => claim.metadata.name) },
  ],
  ClickHouseInstallation: ({ templates: { podTemplates, volumeClaimTemplates } }) =>
    podTemplates.map((template: Template) => ({
      template,
      claims: volumeClaimTemplates.map(({ name }: { name: string }) => name),
    })),
  Elasticsearch: ({ nodeSets }) =>
    nodeSets.map(({ podTemplate, volumeClaimTemplates = [] }: Any) => ({
      template: podTemplate,
      claims: volumeClaimTemplates.map((claim: Any) => claim.metadata.name),
    })),
}

/** The pods that an object's controller would make of it: one of each template. */
export const podsOf = ({ kind, metadata: { name, namespace }, spec }: Manifest): Manifest[] =>
  (templates[kind]?.(spec) ?? []).map(({ template: { metadata, spec: pod }, claims = [] }, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `${name}-${i}`, ...(namespace ? { namespace } : {}) },
    spec: {
      ...pod,
      volumes: [
        ...(pod.volumes ?? []),
        ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}-${i}` } })),
      ],
    },
  }))
