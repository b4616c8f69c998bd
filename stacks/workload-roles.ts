import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { backupRights } from '../infra/aws/access/backups.ts'
import { certificateRights } from '../infra/aws/access/certificates.ts'
import { internalNameRights } from '../infra/aws/access/internal-names.ts'
import { loadBalancerRights } from '../infra/aws/access/load-balancers.ts'
import { modelRights } from '../infra/aws/access/models.ts'
import { traceRights } from '../infra/aws/access/traces.ts'
import { clusterName } from '../infra/aws/cluster/names.ts'
import { PodRole } from '../infra/aws/cluster/pod-role.ts'
import type { InputStatement } from '../infra/aws/iam/document.ts'
import { kafkaAccess } from '../infra/aws/kafka/access.ts'
import { type AwsScope, named } from '../infra/aws/scope.ts'
import type { Identity } from '../infra/kubernetes/index.ts'

/** What the roles lead to. */
export interface WorkloadTargets {
  readonly accountId: Input<string>
  readonly kafkaArn: Input<string>
  /** Of the cluster's machines. */
  readonly securityGroupId: Input<string>
  /** The zone of the region's internal names. */
  readonly internalZoneId: Input<string>
  readonly authorityArn: Input<string>
  readonly certificateArn: Input<string>
  readonly webAclArn: Input<string>
  readonly backupsArn: Input<string>
  readonly modelsArn: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
}

export interface WorkloadRolesArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
  /** `identities` of the charts. */
  readonly identities: readonly Identity[]
  readonly targets: WorkloadTargets
}

/** Folder name of the component that a role is for. */
const components = {
  'load-balancers': 'gateways',
  'internal-names': 'network',
  certificates: 'global',
  traces: 'telemetry',
  kafka: 'kafka',
  backups: 'object-store',
  models: 'object-store',
} as const satisfies Record<Exclude<Identity['needs'], 'machines'>, string>

/** What pods may do in AWS: one role for each identity of the charts, but for the one that starts machines, which the cluster has. */
export class WorkloadRoles extends ComponentResource {
  constructor(name: string, args: WorkloadRolesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:stacks:WorkloadRoles', name, {}, options)
    const { scope, cluster, identities, targets } = args
    for (const { namespace, serviceAccount, needs } of identities) {
      if (needs === 'machines') continue
      new PodRole(
        named(scope, namespace, serviceAccount),
        {
          scope,
          cluster,
          namespace,
          serviceAccount,
          statements: rightsOf(scope, serviceAccount, needs, targets),
          component: components[needs],
        },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}

function rightsOf(
  scope: AwsScope,
  serviceAccount: string,
  needs: Exclude<Identity['needs'], 'machines'>,
  targets: WorkloadTargets,
): readonly InputStatement[] {
  const { region } = scope
  switch (needs) {
    case 'load-balancers':
      return loadBalancerRights({ ...targets, region, cluster: clusterName(scope) })
    case 'internal-names':
      return internalNameRights(targets.internalZoneId)
    case 'certificates':
      return certificateRights(targets.authorityArn)
    case 'traces':
      return traceRights(region)
    case 'kafka':
      return kafkaAccess(scope, serviceAccount, targets.kafkaArn)
    case 'backups':
      return backupRights({ region, bucketArn: targets.backupsArn, keyArn: targets.keyArn })
    case 'models':
      return modelRights({ region, bucketArn: targets.modelsArn, keyArn: targets.keyArn })
  }
}
