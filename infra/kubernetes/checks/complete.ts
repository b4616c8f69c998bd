import type { Finding } from '../../../policies/model/finding.ts'
import { nameOf } from './findings.ts'

interface Container {
  readonly name?: string
  readonly image?: string
  readonly resources?: {
    readonly requests?: Readonly<Record<string, unknown>>
    readonly limits?: Readonly<Record<string, unknown>>
  }
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly startupProbe?: object
  readonly livenessProbe?: object
  readonly readinessProbe?: object
}

interface PodSpec {
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type?: string } }
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

interface Checked {
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string }
  readonly spec?:
    | {
        readonly template?: { readonly spec?: PodSpec }
        readonly templates?: { readonly podTemplates?: readonly { readonly spec: PodSpec }[] }
        readonly nodeSets?: readonly { readonly podTemplate: { readonly spec: PodSpec } }[]
      }
    | undefined
}

/** Every pod that an object asks for, and where in the object it stands: operators have their own places for it. */
function podsOf({ kind, spec }: Checked): { readonly path: string; readonly pod: PodSpec }[] {
  if (!spec || typeof spec !== 'object' || kind === 'NodePool') return []
  const template = 'template' in spec ? spec.template?.spec : undefined
  return [
    ...(template ? [{ path: 'spec.template.spec', pod: template }] : []),
    ...(spec.templates?.podTemplates ?? []).map((own, i) => ({
      path: `spec.templates.podTemplates[${i}].spec`,
      pod: own.spec,
    })),
    ...(spec.nodeSets ?? []).map((set, i) => ({
      path: `spec.nodeSets[${i}].podTemplate.spec`,
      pod: set.podTemplate.spec,
    })),
  ]
}

/** Kinds that belong to no namespace, of those that the charts use. */
const clusterWide = new Set([
  ...['Namespace', 'StorageClass', 'PriorityClass', 'PersistentVolume', 'ClusterRole', 'ClusterRoleBinding'],
  ...[
    'CustomResourceDefinition',
    'APIService',
    'AWSPCAClusterIssuer',
    'ClusterTriggerAuthentication',
    'EC2NodeClass',
    'NodePool',
    'RuntimeClass',
  ],
])

const digest = /@sha256:[0-9a-f]{64}$/
const quantity = (value: unknown): boolean => typeof value === 'string' && /^[0-9.]+(m|Ki|Mi|Gi|Ti)?$/.test(value)

type Expect = (good: boolean, path: string, value: unknown, rule: string, purpose: string, says: string) => void

/** What every object of ours must have, whichever construct made it. */
export function incomplete(json: Checked): Finding[] {
  const findings: Finding[] = []
  const expect: Expect = (good, path, value, rule, purpose, says) => {
    if (good) return
    const at = `${nameOf(json)}: ${path}`
    findings.push({ path: at, value, rule, purpose, message: `${at} ${says}` })
  }
  const { name, namespace } = json.metadata
  expect(
    Boolean(name),
    'metadata.name',
    name,
    'named',
    'a name that follows from a construct tree changes with the tree',
    'must be given.',
  )
  expect(
    Boolean(namespace) !== clusterWide.has(json.kind),
    'metadata.namespace',
    namespace,
    'in-its-namespace',
    'an object without a namespace lands in "default", which nobody guards',
    clusterWide.has(json.kind) ? 'must not be given.' : 'must be given.',
  )
  for (const { path, pod } of podsOf(json)) podFindings(json.kind, path, pod, expect)
  return findings
}

function podFindings(kind: string, at: string, pod: PodSpec, expect: Expect): void {
  const profile = 'nothing runs that the restricted profile would refuse'
  expect(
    pod.securityContext?.runAsNonRoot === true,
    `${at}.securityContext.runAsNonRoot`,
    false,
    'restricted',
    profile,
    'must be true.',
  )
  expect(
    pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
    `${at}.securityContext.seccompProfile`,
    pod.securityContext?.seccompProfile,
    'restricted',
    profile,
    'must be RuntimeDefault.',
  )
  const check = (container: Container, path: string, main: boolean): void => {
    const { image, resources, securityContext } = container
    expect(
      digest.test(image ?? ''),
      `${path}.image`,
      image,
      'image-by-digest',
      'a tag can mean another image tomorrow',
      'must end in a digest.',
    )
    for (const part of ['requests.cpu', 'requests.memory', 'limits.memory'] as const) {
      const [kind, resource] = part.split('.') as ['requests' | 'limits', string]
      const value = resources?.[kind]?.[resource]
      expect(
        quantity(value),
        `${path}.resources.${part}`,
        value,
        'resources',
        'the scheduler and the quota count what is asked for',
        'must be a quantity.',
      )
    }
    expect(
      securityContext?.allowPrivilegeEscalation === false,
      `${path}.securityContext.allowPrivilegeEscalation`,
      securityContext?.allowPrivilegeEscalation,
      'restricted',
      profile,
      'must be false.',
    )
    expect(
      securityContext?.readOnlyRootFilesystem === true,
      `${path}.securityContext.readOnlyRootFilesystem`,
      securityContext?.readOnlyRootFilesystem,
      'restricted',
      profile,
      'must be true.',
    )
    if (!main || kind === 'Job') return
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      expect(
        container[probe] !== undefined,
        `${path}.${probe}`,
        undefined,
        'probes',
        'the kubelet must learn when a pod is ready and when it hangs',
        'must be given.',
      )
  }
  expect(
    (pod.containers ?? []).length > 0,
    `${at}.containers`,
    0,
    'probes',
    'a pod runs something',
    'must not be empty.',
  )
  pod.containers?.forEach((container, i) => {
    check(container, `${at}.containers[${i}]`, true)
  })
  pod.initContainers?.forEach((container, i) => {
    check(container, `${at}.initContainers[${i}]`, false)
  })
}
