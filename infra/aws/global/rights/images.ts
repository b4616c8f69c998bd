import type { Input } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'

/** To push images, and to say that they are signed; never to delete one. */
export const imageRights = (repositoryArns: readonly Input<string>[]): readonly InputStatement[] => [
  { sid: 'SignIn', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
  {
    sid: 'Push',
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImageScanFindings',
      'ecr:DescribeImages',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:ListImages',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    resources: repositoryArns,
  },
]
