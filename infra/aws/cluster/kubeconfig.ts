import { all, type Input, type Output } from '@pulumi/pulumi'
import type { ICluster } from '../types.ts'

export interface KubeconfigOptions {
  readonly cluster: Pick<ICluster, 'name' | 'endpoint' | 'certificateAuthority'>
  readonly region: string
  /** A role to take first. Default: whoever runs the command. */
  readonly role?: Input<string>
  /** Port of this machine where a tunnel to the endpoint ends. Default: none, the caller is in the network. */
  readonly tunnel?: number
}

/** A kubeconfig without a secret: `aws eks get-token` makes a token for fifteen minutes whenever one is needed. */
export const kubeconfigOf = ({ cluster, region, role, tunnel }: KubeconfigOptions): Output<string> =>
  all([cluster.name, cluster.endpoint, cluster.certificateAuthority, role]).apply(
    ([name, endpoint, certificateAuthority, roleArn]) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [
          {
            name,
            cluster: {
              server: tunnel === undefined ? endpoint : `https://127.0.0.1:${tunnel}`,
              ...(tunnel === undefined ? {} : { 'tls-server-name': new URL(endpoint).hostname }),
              'certificate-authority-data': certificateAuthority,
            },
          },
        ],
        contexts: [{ name, context: { cluster: name, user: name } }],
        users: [
          {
            name,
            user: {
              exec: {
                apiVersion: 'client.authentication.k8s.io/v1',
                command: 'aws',
                args: [
                  ...['eks', 'get-token', '--cluster-name', name, '--region', region, '--output', 'json'],
                  ...(roleArn ? ['--role-arn', roleArn] : []),
                ],
                interactiveMode: 'Never',
                installHint: 'Install the AWS command line, version 2.',
              },
            },
          },
        ],
      }),
  )
