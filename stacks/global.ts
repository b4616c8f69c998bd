import aws from '@pulumi/aws'
import { all } from '@pulumi/pulumi'
import random from '@pulumi/random'
import { Authority } from '../infra/aws/global/authority.ts'
import { Boundary } from '../infra/aws/global/boundary.ts'
import { Ci } from '../infra/aws/global/ci.ts'
import { DataKey } from '../infra/aws/global/data-key.ts'
import { Firewall } from '../infra/aws/global/firewall.ts'
import { PublicNames } from '../infra/aws/global/public-names.ts'
import { Registry } from '../infra/aws/global/registry.ts'
import { Trail } from '../infra/aws/global/trail.ts'
import type { Policies } from '../policies/bundle.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import type { CloudStack } from './names.ts'
import { declareOutputs, globalOutputs } from './outputs.ts'
import { scopesOf } from './scopes.ts'

/** What an environment has once: key, names, certificates, firewalls, registries, the authority, the roles of CI. */
export async function globalStack(stack: CloudStack & { kind: 'global' }, policies: Policies) {
  checkEnvironment(stack.environment, policies)
  const scopes = scopesOf(stack.environment, policies)
  const [first] = scopes
  const name = `nd-${stack.environment}`
  const provider = new aws.Provider('primary', { region: first.region })
  const options = { providers: { aws: provider } }
  const { accountId } = aws.getCallerIdentityOutput({}, { provider })
  const key = new DataKey(name, { scopes, accountId }, options)
  const names = new PublicNames(name, { scopes }, options)
  const firewalls = scopes.map((scope) => {
    const logKeyArn = key.arns[scope.region]!
    return [scope.region, new Firewall(`${name}-${scope.region}`, { scope, logKeyArn }, options).arn] as const
  })
  const authority = new Authority(name, { scope: first }, options)
  new Trail(name, { scopes, accountId, keyArn: key.arns[first.region]! }, options)
  const { policy: boundary } = new Boundary(name, { scopes, accountId }, options)
  const registry = new Registry(name, { scopes, accountId, keyArns: key.arns, after: [boundary] }, options)
  const replica = new random.RandomPassword(`${name}-replica`, { length: 40, special: false }, { protect: true })
  const ci = new Ci(name, { scopes, accountId, repositoryArns: registry.arns }, options)
  return declareOutputs(stack.name, globalOutputs, {
    accountId,
    zoneId: names.zoneId,
    nameServers: names.nameServers,
    dataKeyArns: all(key.arns),
    certificateArns: all(names.certificateArns),
    webAclArns: all(Object.fromEntries(firewalls)),
    authorityArn: authority.arn,
    authorityRegion: authority.region,
    authorityCertificate: authority.certificate,
    repositoryUrls: all(registry.urls),
    replicaPassword: replica.result,
    previewRoleArn: ci.previewRoleArn,
    imagesRoleArn: ci.imagesRoleArn,
    deployRoleArns: all(ci.deployRoleArns),
  })
}
