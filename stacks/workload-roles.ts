import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { PodRole } from '../infra/aws/cluster/pod-role.ts'
import { kafkaAccess } from '../infra/aws/kafka/access.ts'
import { type AwsScope, named } from '../infra/aws/scope.ts'

export interface WorkloadRolesArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
  readonly kafkaArn: Input<string>
}

/** What each service of the platform's own may do in AWS: one role for each that calls Kafka. */
export class WorkloadRoles extends ComponentResource {
  constructor(name: string, { scope, cluster, kafkaArn }: WorkloadRolesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:stacks:WorkloadRoles', name, {}, options)
    for (const [service, { namespace, calls }] of Object.entries(scope.policies.services)) {
      if (service === 'kafka' || !calls.some((edge) => edge.service === 'kafka' && edge.port === 'kafka')) continue
      new PodRole(
        named(scope, namespace, service),
        {
          scope,
          cluster,
          namespace,
          serviceAccount: service,
          statements: kafkaAccess(scope, service, kafkaArn),
          component: 'kafka',
        },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}
