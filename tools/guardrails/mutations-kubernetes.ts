import { again, edit, type Mutation, ofKind, option, set } from './mutation.ts'

const collector = ofKind('Deployment', /siem-event-collector$/)
const scaler = ofKind('ScaledObject', /hot-sink/)
const pod = ['spec', 'template', 'spec']
const main = [...pod, 'containers', 0]

/** Mistakes in the objects of Kubernetes. */
export const kubernetesMutations: readonly Mutation[] = [
  {
    rule: 'namespace-default-deny',
    mistake: 'a namespace lets everything out',
    change: set(ofKind('NetworkPolicy', /siem-deny-all/), ['spec', 'policyTypes'], ['Ingress']),
  },
  {
    rule: 'load-balancer-https',
    mistake: 'the door between the regions is opened to the world',
    change: edit(ofKind('Release', /eastwest/), ['values', 'service'], (service) => ({
      ...(service as object),
      loadBalancerSourceRanges: [],
      annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' },
    })),
  },
  {
    rule: 'mesh-strict',
    mistake: 'plain text is let in while something is moved',
    change: set(ofKind('PeerAuthentication'), ['spec', 'mtls', 'mode'], 'PERMISSIVE'),
  },
  {
    rule: 'mesh-default-deny',
    mistake: 'whoever is not named may call',
    change: set(ofKind('AuthorizationPolicy', /event-collector/), ['spec', 'rules', 0], {}),
  },
  {
    rule: 'mesh-default-deny',
    mistake: 'nothing denies what no policy names',
    change: (graph) =>
      graph.resources.some(ofKind('PeerAuthentication'))
        ? { ...graph, resources: graph.resources.filter((one) => !ofKind('AuthorizationPolicy', /deny/)(one)) }
        : undefined,
  },
  {
    rule: 'no-age-deletes',
    mistake: "a table forgets by itself, in the engine's configuration",
    change: set(
      ofKind('ConfigMap'),
      ['data', 'ttl.sql'],
      'ALTER TABLE siem.events MODIFY TTL received + INTERVAL 30 DAY',
    ),
  },
  {
    rule: 'volumes-kept',
    mistake: 'volumes go with their pods',
    change: set(ofKind('StatefulSet'), ['spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted'], 'Delete'),
  },
  {
    rule: 'namespace-restricted',
    mistake: 'a namespace lets in whatever wants to run',
    change: set(
      ofKind('Namespace', /siem/),
      ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
      'privileged',
    ),
  },
  {
    rule: 'helm-pinned',
    mistake: 'the newest version of a chart',
    change: set(ofKind('Release'), ['version'], undefined),
  },
  {
    rule: 'pod-restricted',
    mistake: 'a container writes on its root',
    change: set(collector, [...main, 'securityContext', 'readOnlyRootFilesystem'], false),
  },
  { rule: 'image-digest', mistake: 'an image by its tag', change: set(collector, [...main, 'image'], 'collector:1.2') },
  {
    rule: 'pod-resources',
    mistake: 'no limit of memory',
    change: set(collector, [...main, 'resources', 'limits'], undefined),
  },
  {
    rule: 'pod-probes',
    mistake: 'nobody asks whether it works',
    change: set(collector, [...main, 'readinessProbe'], undefined),
  },
  {
    rule: 'pod-token-automount',
    mistake: 'every pod gets a token again',
    change: set(collector, [...pod, 'automountServiceAccountToken'], undefined),
  },
  {
    rule: 'disruption-budget',
    mistake: 'the budget lets no pod go',
    change: set(ofKind('PodDisruptionBudget', /event-collector/), ['spec', 'maxUnavailable'], 0),
  },
  {
    rule: 'zone-spread',
    mistake: 'all pods may be in one zone',
    change: edit(collector, [...pod, 'topologySpreadConstraints'], (list) => (list as readonly unknown[]).slice(0, 1)),
  },
  {
    rule: 'one-autoscaler',
    mistake: 'a HorizontalPodAutoscaler beside the ScaledObject',
    change: again(scaler, 'kubernetes:autoscaling/v2:HorizontalPodAutoscaler', (inputs) => inputs),
  },
  {
    rule: 'made-once',
    mistake: 'two charts make the same namespace',
    change: again(ofKind('Namespace', /siem/), 'kubernetes:core/v1:Namespace', (inputs) => inputs),
  },
  {
    rule: 'replicas-owned',
    mistake: "every update undoes the autoscaler's work",
    change: option(collector, { ignoreChanges: [] }),
  },
  {
    rule: 'consumers-within-partitions',
    mistake: 'more consumers than partitions',
    change: set(scaler, ['spec', 'maxReplicaCount'], 300),
  },
  {
    rule: 'autoscaling-within-quota',
    mistake: 'pods of 64 cores',
    change: set(collector, [...main, 'resources', 'requests', 'cpu'], '64'),
  },
  {
    rule: 'pods-within-node-pools',
    mistake: 'pods that fit on no machine',
    change: set(collector, [...main, 'resources', 'requests', 'memory'], '512Gi'),
  },
  {
    rule: 'pods-within-node-pools',
    mistake: 'forty pods with a GPU each',
    change: set(ofKind('MLInference', /threat-detection/), ['spec', 'scaling', 'maxReplicas'], 40),
  },
  {
    rule: 'gpu-pool',
    mistake: 'the room for pods with a GPU is kept where there is none',
    change: set(ofKind('Deployment', /headroom-ml-inference/), [...pod, 'tolerations'], undefined),
  },
  {
    rule: 'warm-headroom',
    mistake: 'less room than one step takes',
    change: set(ofKind('Deployment', /headroom-event-collector/), ['spec', 'replicas'], 1),
  },
  {
    rule: 'warm-headroom',
    mistake: 'steps that the headroom has no room for',
    change: set(scaler, ['spec', 'maxReplicaCount'], 200),
  },
  {
    rule: 'gpu-pool',
    mistake: 'a pod asks for a GPU and says nothing of its machine',
    change: set(collector, [...main, 'resources', 'limits', 'nvidia.com/gpu'], 1),
  },
]
