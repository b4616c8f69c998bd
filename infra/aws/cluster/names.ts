import { type AwsScope, named } from '../scope.ts'

/** The cluster of a region; known before it stands, because subnets carry it as a tag. */
export const clusterName = (scope: AwsScope): string => named(scope, 'cluster')

/** How Karpenter finds the subnets and the security group of its machines. */
export const discoveryTag = (scope: AwsScope) => ({ 'karpenter.sh/discovery': clusterName(scope) })
