import { interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import { type AwsScope, named } from '../../scope.ts'
import { regionNames } from './names.ts'
import { byId, keys, logGroups, own } from './reach.ts'
import { roles } from './roles.ts'
import { type Facts, writeState } from './state.ts'

/** To make and change one region, and nothing in another. */
export function regionRights(facts: Facts, scope: AwsScope): readonly InputStatement[] {
  const { accountId } = facts
  const { environment, region } = scope
  const reach = { environment, regions: [region], prefix: named(scope), accountId }
  return [
    ...writeState(facts, [`${environment}-${region}`, `${environment}-${region}-services`]),
    ...own(['codebuild', 'eks', 'elasticache', 'events', 'kafka', 'sqs'], reach),
    byId('Networks', 'ec2', ['*'], reach),
    ...regionNames(scope, reach),
    logGroups(reach),
    ...keys(reach),
    ...roles(reach),
    {
      sid: 'ConnectionToGitHub',
      actions: ['codeconnections:GetConnection', 'codeconnections:PassConnection', 'codeconnections:UseConnection'],
      resources: [interpolate`arn:aws:codeconnections:${region}:${accountId}:connection/*`],
    },
    {
      sid: 'MachineImages',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resources: [`arn:aws:ssm:${region}::parameter/aws/service/*`],
    },
    {
      sid: 'OwnDocuments',
      actions: [
        'AddTagsToResource',
        'CreateDocument',
        'DeleteDocument',
        'DescribeDocument',
        'DescribeDocumentPermission',
        'GetDocument',
        'ListTagsForResource',
        'RemoveTagsFromResource',
        'UpdateDocument',
        'UpdateDocumentDefaultVersion',
      ].map((action) => `ssm:${action}`),
      resources: [interpolate`arn:aws:ssm:${region}:${accountId}:document/${named(scope)}-*`],
    },
  ]
}
