import kubernetes from '@pulumi/kubernetes'
import { Config, output } from '@pulumi/pulumi'
import { kubeconfigOf } from '../infra/aws/cluster/kubeconfig.ts'
import { awsScope } from '../infra/aws/scope.ts'
import { deploy, synthesize } from '../infra/kubernetes/index.ts'
import type { Policies } from '../policies/bundle.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { imagesOf } from './images.ts'
import type { CloudStack } from './names.ts'
import {
  declareOutputs,
  globalOutputs,
  memberOf,
  readStack,
  regionOutputs,
  StackOutputError,
  servicesOutputs,
} from './outputs.ts'
import { noOperators, noTenants } from './passwords.ts'
import { regionContext } from './region-context.ts'

/** The product's workloads in a region of the cloud: the charts of the local region, with what AWS answers in their context. */
export async function servicesStack(stack: CloudStack & { kind: 'services' }, policies: Policies) {
  const { environment, region, name } = stack
  checkEnvironment(environment, policies)
  const scope = awsScope(environment, region, policies)
  const platform = `${environment}-${region}`
  const config = new Config()
  const [shared, told] = await Promise.all([readStack(environment, globalOutputs), readStack(platform, regionOutputs)])
  const context = regionContext(scope, {
    clusterName: told.clusterName,
    nodeRole: told.nodeRole,
    kafkaBrokers: told.kafkaBrokers,
    cacheHost: told.cacheHost,
    authority: { arn: shared.authorityArn, region: shared.authorityRegion },
    entry: {
      certificate: memberOf(environment, 'certificateArns', shared.certificateArns, region),
      webAcl: memberOf(environment, 'webAclArns', shared.webAclArns, region),
    },
    backups: memberOf(platform, 'bucketNames', told.bucketNames, 'backups'),
    models: memberOf(platform, 'bucketNames', told.bucketNames, 'models'),
    images: imagesOf(shared.repositoryUrls, policies.images),
    secrets: {
      authority: shared.authorityCertificate,
      clickhouse: { sink: told.clickhouseSinkPassword, analytics: told.clickhouseAnalyticsPassword },
      redis: told.cachePassword,
      prometheusBcrypt: '',
      prometheus: told.prometheusPassword,
      tenants: config.getSecret('tenants') ?? noTenants,
      operators: config.getSecret('operators') ?? noOperators,
    },
  })
  const synthesis = synthesize(environment, 'services', context, policies)
  const wanted = [...new Set(synthesis.manifests.map(({ metadata }) => metadata.namespace ?? ''))]
  const missing = wanted.filter((namespace) => !told.namespaces.includes(namespace))
  if (missing.length > 0)
    throw new StackOutputError(
      `The stack '${platform}' has no namespace ${missing.join(', ')}, which '${name}' needs. Bring '${platform}' up again first.`,
    )
  const cluster = {
    name: output(told.clusterName),
    endpoint: output(told.clusterEndpoint),
    certificateAuthority: output(told.clusterCertificateAuthority),
  }
  const port = config.getNumber('tunnel')
  const provider = new kubernetes.Provider('cluster', {
    kubeconfig: kubeconfigOf({ cluster, region, ...(port === undefined ? {} : { tunnel: port }) }),
    clusterIdentifier: told.clusterName,
  })
  const objects = deploy(synthesis, { provider })
  return declareOutputs(name, servicesOutputs, { region, objects: objects.length })
}
