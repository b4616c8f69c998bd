import { type Guardrail, violation } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'
import { at, type GuardedResource, isGiven } from '../../model/resource.ts'

/** What cannot be made again with what was in it. A cache can: it holds nothing that is not elsewhere. */
const ofCloud = [
  'aws:s3/bucket:Bucket',
  'aws:msk/cluster:Cluster',
  'aws:kms/key:Key',
  'aws:kms/replicaKey:ReplicaKey',
  'aws:ecr/repository:Repository',
  'aws:acmpca/certificateAuthority:CertificateAuthority',
]

/** Kinds from which an operator makes pods that keep data, and volumes themselves. */
const keeping = ['PersistentVolume', 'ClickHouseInstallation', 'Elasticsearch']

const keepsVolumes = (resource: GuardedResource): boolean =>
  keeping.includes(kindOf(resource) ?? '') ||
  (kindOf(resource) === 'StatefulSet' && isGiven(at(resource.props, 'spec', 'volumeClaimTemplates')))

export const dataProtected: Guardrail = {
  name: 'data-protected',
  title: 'What holds data is not deleted by a slip',
  severity: 'critical',
  frameworks: [],
  remediation: 'Make it with the options protect: true and, in the cloud, retainOnDelete: true.',
  scope: 'resource',
  judges: 'program',
  find: (resources) =>
    resources.flatMap((resource) => {
      const cloud = ofCloud.includes(resource.type)
      if (!cloud && !keepsVolumes(resource)) return []
      return [
        ...(resource.protect === false
          ? [violation(resource, [], 'The resource should be made with protect: true.')]
          : []),
        ...(cloud && resource.retainOnDelete === false
          ? [violation(resource, [], 'The resource should be made with retainOnDelete: true.')]
          : []),
      ]
    }),
}
