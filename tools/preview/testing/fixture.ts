import { fileURLToPath } from 'node:url'
import aws from '@pulumi/aws'
import pulumi from '@pulumi/pulumi'
import type { Policies } from '../../../policies/bundle.ts'
import { PolicyError } from '../../../policies/model/finding.ts'
import { replicaBounds } from '../../../policies/replicas.ts'
import { type CloudStack, cloudStacks } from '../../../stacks/names.ts'
import { buildCloud, judged } from '../build/build.ts'
import type { Built, BuiltStack, Variant } from '../build/built.ts'
import { without } from '../build/edits.ts'
import { buildLocal } from '../build/local.ts'
import { loadModules } from '../build/modules.ts'
import type { Revision } from '../build/revision.ts'
import { makeReport, type Report } from '../report/report.ts'
import { tracesOf } from '../scaling/effects.ts'

/** The checkout that the tests stand in. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** A small cloud whose stacks read each other and the policies: enough for the tool, much less than the product's. */
function program(stack: CloudStack, policies: Policies): () => Promise<Record<string, unknown>> {
  const { environment } = stack
  const policy = policies.environments[environment]!
  const cloud = policies.cloud[environment]!
  return async () => {
    if (policy.quota.cpu === '1') throw new PolicyError([])
    const read = (name: string, output: string) =>
      new pulumi.StackReference(`organization/neurodefender/${name}`).getOutput(output)
    switch (stack.kind) {
      case 'global': {
        const key = new aws.kms.Key('data', { multiRegion: true, description: cloud.domain })
        return { key: key.arn }
      }
      case 'region': {
        const vpc = new aws.ec2.Vpc('network', { cidrBlock: `10.${cloud.network * 16}.0.0/16` }, { protect: true })
        new aws.msk.Cluster('kafka', {
          clusterName: `nd-${stack.name}`,
          kafkaVersion: cloud.kafka.version,
          numberOfBrokerNodes: cloud.kafka.brokers,
          brokerNodeGroupInfo: {
            clientSubnets: [vpc.id],
            securityGroups: [],
            instanceType: cloud.kafka.instance,
            storageInfo: { ebsStorageInfo: { volumeSize: 1024 } },
          },
          encryptionInfo: { encryptionAtRestKmsKeyArn: read(environment, 'key') },
        })
        new aws.ec2.NatGateway('way-out', { subnetId: vpc.id })
        return { vpc: vpc.id }
      }
      case 'services': {
        for (const service of Object.keys(policies.scaling)) {
          const { max } = replicaBounds(policies, policy, service.replaceAll('_', '-'))
          new aws.ssm.Parameter(service, {
            type: 'String',
            value: 'open sesame',
            description: `at most ${max}`,
            tags: { password: 'open sesame' },
          })
        }
        return { vpc: read(`${environment}-${stack.region}`, 'vpc') }
      }
      case 'links':
        new aws.ssm.Parameter('links', { type: 'String', description: JSON.stringify(policies.links) })
        return {}
      default:
        return stack satisfies never
    }
  }
}

const programOf = (name: string, policies: Policies) => {
  const stack = cloudStacks(policies).find((one) => one.name === name)
  if (!stack) throw new RangeError(`There is no stack '${name}'.`)
  return program(stack, policies)
}

const modules = await loadModules(repository)

const cloud = { cloudStacks, programOf: (name: string, all?: Policies) => programOf(name, all as Policies) }

const all = async (policies: Policies, only?: ReadonlySet<string>): Promise<BuiltStack[]> => [
  ...(await buildCloud(cloud, policies, () => {}, only)),
  ...buildLocal(modules, policies),
]

/** The small cloud and the real local region under other policies. */
export const built = async (policies: Policies): Promise<Built> => ({
  policies,
  findings: judged(modules, policies),
  verdicts: [],
  stacks: await all(policies),
  remarks: [],
  unjudged: [],
})

const revision = (name: string): Revision => ({ name, commit: '0123456789', folder: '', lock: '' })

/** Pulumi's runtime is global: what is recorded in this process waits for its turn. */
function oneByOne<A, T>(of: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (argument) => {
    const next = last.then(() => of(argument))
    last = next.catch(() => {})
    return next
  }
}

/** The report of a change of policies alone. */
export const reportOf = (before: Built, after: Built): Promise<Report> =>
  makeReport(
    { base: { revision: revision('main'), built: before }, head: { revision: revision('change'), built: after } },
    oneByOne(async (variant: Variant) => {
      const policies = without(after.policies, variant.without)
      const stacks = (await all(policies, new Set(variant.stacks))).filter(({ stack }) =>
        variant.stacks.includes(stack),
      )
      return { findings: judged(modules, policies), stacks }
    }),
    tracesOf(undefined),
  )
