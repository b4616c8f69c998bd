import { cloud, type Fixture } from '../../../testing/fixture.ts'

const issuer = 'token.actions.githubusercontent.com'
const role = (sub?: string | readonly string[], aud: string | undefined = 'sts.amazonaws.com') => [
  cloud('iam/role:Role', 'deploy', {
    assumeRolePolicy: JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
          Condition: { StringEquals: { [`${issuer}:aud`]: aud }, StringLike: sub ? { [`${issuer}:sub`]: sub } : {} },
        },
      ],
    }),
  }),
]
const own = 'repo:owner/neurodefender'
const notBound = (sub: string) => [`The trust should name repository and ref or environment, not '${sub}'.`]

export const fixture: Fixture = {
  good: [
    role(`${own}:environment:prod`),
    role([`${own}:ref:refs/heads/main`, `${own}:pull_request`]),
    [
      cloud('iam/role:Role', 'node', {
        assumeRolePolicy: JSON.stringify({ Statement: [{ Principal: { Service: 'ec2' } }] }),
      }),
    ],
  ],
  bad: [
    {
      resources: role(),
      says: ['The trust should name repository and ref or environment; any repository could take the role.'],
    },
    { resources: role(`${own}:*`), says: notBound(`${own}:*`) },
    { resources: role('repo:owner/*:environment:prod'), says: notBound('repo:owner/*:environment:prod') },
    {
      resources: role(`${own}:environment:prod`, 'https://github.com/owner'),
      says: ["The trust should ask for the audience 'sts.amazonaws.com'."],
    },
  ],
}
