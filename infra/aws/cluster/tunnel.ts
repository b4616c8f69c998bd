import aws from '@pulumi/aws'
import { type CustomResourceOptions, type Input, output } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

const documentName = (scope: AwsScope): string => named(scope, 'tunnel')

/** The way of an operator to the private API: a session that reaches this one host and port, and gives no shell. */
export const tunnelDocument = (
  name: string,
  { scope, endpoint }: { readonly scope: AwsScope; readonly endpoint: Input<string> },
  options?: CustomResourceOptions,
): aws.ssm.Document =>
  new aws.ssm.Document(
    name,
    {
      name: documentName(scope),
      documentType: 'Session',
      documentFormat: 'JSON',
      content: output(endpoint).apply((url) =>
        JSON.stringify({
          schemaVersion: '1.0',
          description: `To the API of Kubernetes in ${scope.environment} ${scope.region}`,
          sessionType: 'Port',
          parameters: {
            localPortNumber: { type: 'String', description: 'Where it answers here', allowedPattern: '^[0-9]{4,5}$' },
          },
          properties: {
            type: 'LocalPortForwarding',
            host: new URL(url).hostname,
            portNumber: '443',
            localPortNumber: '{{ localPortNumber }}',
          },
        }),
      ),
      tags: tags(scope, 'cluster', { Name: documentName(scope) }),
    },
    options,
  )

/** What the role of an operator needs for it: this document, on machines of this cluster, and an end to their own sessions. */
export const tunnelStatements = (scope: AwsScope, accountId: string): readonly InputStatement[] => [
  {
    sid: 'TunnelMachines',
    actions: ['ssm:StartSession'],
    resources: [`arn:aws:ec2:${scope.region}:${accountId}:instance/*`],
    conditions: {
      StringEquals: {
        'ssm:resourceTag/Environment': scope.environment,
        'ssm:resourceTag/Component': 'cluster',
      },
      // Without it a session without a document, a shell, would be allowed too.
      BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' },
    },
  },
  {
    sid: 'TunnelDocument',
    actions: ['ssm:StartSession'],
    resources: [`arn:aws:ssm:${scope.region}:${accountId}:document/${documentName(scope)}`],
  },
  {
    sid: 'OwnSessions',
    actions: ['ssm:TerminateSession', 'ssm:ResumeSession'],
    // IAM fills in who asks.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM
    resources: ['arn:aws:ssm:*:*:session/${aws:userid}-*'],
  },
]
