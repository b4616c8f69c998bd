import type { Input } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

/** For who it is that speaks; not for another authority, for code, or for answers about certificates. */
const templates = [
  'EndEntityCertificate/V1',
  'EndEntityClientAuthCertificate/V1',
  'EndEntityServerAuthCertificate/V1',
  'BlankEndEntityCertificate_APICSRPassthrough/V1',
].map((name) => `arn:aws:acm-pca:::template/${name}`)

/** Who takes requests to the environment's authority. A certificate that signs others cannot be had. */
export const certificateRights = (authorityArn: Input<string>): readonly InputStatement[] => [
  {
    sid: 'Read',
    actions: ['acm-pca:DescribeCertificateAuthority', 'acm-pca:GetCertificate'],
    resources: [authorityArn],
  },
  {
    sid: 'Ask',
    actions: ['acm-pca:IssueCertificate'],
    resources: [authorityArn],
    conditions: { StringEquals: { 'acm-pca:TemplateArn': templates } },
  },
]
