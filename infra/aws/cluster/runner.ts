import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf } from '../iam/document.ts'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { INetwork } from '../types.ts'
import { runnerStatements } from './runner-statements.ts'

export interface RunnerArgs {
  readonly scope: AwsScope
  readonly network: INetwork
  /** What the API of the cluster lets in (`Cluster.clientSecurityGroupId`). */
  readonly securityGroupId: Input<string>
  readonly logKeyArn: Input<string>
  /** OWNER/NAME at GitHub. */
  readonly repository: string
  /** ARN of the account's connection to GitHub (CodeConnections), which a person agrees to once. */
  readonly connectionArn: Input<string>
  /** Names of the workflows whose jobs may run in the network. */
  readonly workflows: readonly string[]
}

/**
 * Where jobs of GitHub Actions run that talk to the private API: a fresh container for each, in the network. The workflow brings the role
 * that it works with; but a job can read the credentials of the container's own, and use the connection's token by them: the connection's
 * app at GitHub must be installed for this repository alone. Throws RangeError.
 */
export class Runner extends ComponentResource {
  /** A job asks for it with `codebuild-<project>-<run id>-<attempt>`. */
  readonly project: Output<string>

  constructor(name: string, args: RunnerArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Runner', name, {}, options)
    const { scope, network, securityGroupId, logKeyArn, repository, connectionArn, workflows } = args
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository))
      throw new RangeError(`Runner ${name}: repository '${repository}' must be OWNER/NAME.`)
    if (workflows.length === 0 || workflows.some((workflow) => !/^[\w -]+$/.test(workflow)))
      throw new RangeError(
        `Runner ${name}: workflows must be names of letters, digits, spaces and dashes, at least one.`,
      )

    const inside = { parent: this }
    const projectName = named(scope, 'runner')
    const label = tags(scope, 'cluster', { Name: projectName })
    const { accountId } = aws.getCallerIdentityOutput({}, inside)
    const group = logGroup(
      name,
      { scope, component: 'cluster', path: `/aws/codebuild/${projectName}`, keyArn: logKeyArn },
      inside,
    )
    const role = new aws.iam.Role(
      name,
      {
        name: projectName,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: documentOf({
          sid: 'ThisProject',
          actions: ['sts:AssumeRole'],
          principals: { Service: ['codebuild.amazonaws.com'] },
          conditions: {
            StringEquals: { 'aws:SourceAccount': accountId },
            ArnEquals: {
              'aws:SourceArn': interpolate`arn:aws:codebuild:${scope.region}:${accountId}:project/${projectName}`,
            },
          },
        }),
        tags: label,
      },
      inside,
    )
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.name,
        policy: documentOf(
          ...runnerStatements({
            region: scope.region,
            accountId,
            logGroupArn: group.arn,
            connectionArn,
            subnetIds: network.privateSubnetIds,
          }),
        ),
      },
      inside,
    )
    const project = new aws.codebuild.Project(
      name,
      {
        name: projectName,
        description: `Jobs of ${repository} that talk to the cluster of ${scope.environment} in ${scope.region}`,
        serviceRole: role.arn,
        source: {
          type: 'GITHUB',
          location: `https://github.com/${repository}.git`,
          auth: { type: 'CODECONNECTIONS', resource: connectionArn },
        },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: {
          type: 'LINUX_CONTAINER',
          computeType: 'BUILD_GENERAL1_MEDIUM',
          image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
          privilegedMode: false,
        },
        vpcConfig: {
          vpcId: network.vpcId,
          subnets: [...network.privateSubnetIds],
          securityGroupIds: [securityGroupId],
        },
        logsConfig: { cloudwatchLogs: { status: 'ENABLED', groupName: group.name } },
        tags: label,
      },
      { parent: this, dependsOn: [policy] },
    )
    new aws.codebuild.Webhook(
      name,
      {
        projectName: project.name,
        buildType: 'BUILD',
        filterGroups: [
          {
            filters: [
              { type: 'EVENT', pattern: 'WORKFLOW_JOB_QUEUED' },
              { type: 'WORKFLOW_NAME', pattern: `^(${workflows.join('|')})$` },
            ],
          },
        ],
      },
      inside,
    )
    this.project = project.name
    this.registerOutputs({ project: this.project })
  }
}
