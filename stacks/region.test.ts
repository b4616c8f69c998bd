import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ofType, only, statements } from '../infra/aws/test/graph.ts'
import { hidden, type StackGraph } from '../infra/graph/graph.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { chartScope, identities, internalDomain, portsBetweenRegions } from '../infra/kubernetes/index.ts'
import { cloudContext } from '../infra/kubernetes/test/context.ts'
import { policies } from '../policies/bundle.ts'
import { verdicts } from '../policies/guardrails/judge.ts'
import { globalStack } from './global.ts'
import { type CloudStack, cloudStacks } from './names.ts'
import { regionStack, runnerWorkflows } from './region.ts'

const region = 'us-east-2'
const find = <Kind extends CloudStack['kind']>(kind: Kind, name: string) =>
  cloudStacks(policies).find((stack) => stack.kind === kind && stack.name === name) as CloudStack & { kind: Kind }
const { outputs } = await recordGraph('prod', () => globalStack(find('global', 'prod'), policies))
const record = (config: Readonly<Record<string, string>> = {}, unknowns = false): Promise<StackGraph> =>
  recordGraph(`prod-${region}`, () => regionStack(find('region', `prod-${region}`), policies), {
    outputs: { prod: outputs },
    config,
    unknowns,
  })
const graph = await record({ connectionArn: 'arn:aws:codeconnections:us-east-1:123456789012:connection/example' })

const scope = chartScope('prod', { ...cloudContext, region }, policies)
const objects = (kind: string) => graph.resources.filter(({ type }) => type.endsWith(`:${kind}`))
const object = (kind: string, name: string) =>
  objects(kind).find(({ inputs }) => (inputs.metadata as { name?: string } | undefined)?.name === name)?.inputs

/** Add-ons of EKS, whose roles are the cluster's own. */
const addons = ['kube-system/aws-node', 'kube-system/ebs-csi-controller-sa']
const roles = ofType(graph, 'eks/podIdentityAssociation:PodIdentityAssociation')
const account = ({ namespace, serviceAccount }: { readonly namespace?: string; readonly serviceAccount?: string }) =>
  `${namespace}/${serviceAccount}`
const rightsOf = (serviceAccount: string) =>
  statements(
    ofType(graph, 'iam/rolePolicy:RolePolicy').find(({ name }) => name.endsWith(`-${serviceAccount}`))?.inputs.policy,
  )

test('every identity of the charts has one role, and there is no other', () => {
  assert.deepEqual(
    roles.map(({ inputs }) => account(inputs)).sort(),
    [...identities(scope).map(account), ...addons].sort(),
  )
})

test('every object of the cluster waits for all roles of pods', () => {
  const byUrn = new Map(graph.resources.map((resource) => [resource.urn, resource]))
  const cache = new Map<string, ReadonlySet<string>>()
  const before = (urn: string): ReadonlySet<string> => {
    const known = cache.get(urn)
    if (known) return known
    const direct = byUrn.get(urn)?.dependencies ?? []
    const all = new Set(direct.flatMap((one) => [one, ...before(one)]))
    cache.set(urn, all)
    return all
  }
  const made = graph.resources.filter(({ type, custom }) => custom && type.startsWith('kubernetes:'))
  assert.ok(made.length > 0)
  const ofCluster = new Set(
    identities(scope)
      .filter(({ needs }) => needs === 'machines')
      .map(account)
      .concat(addons),
  )
  const needed = roles.filter(({ inputs }) => !ofCluster.has(account(inputs))).map(({ urn }) => urn)
  assert.ok(needed.length > 0)
  for (const { urn } of made) {
    const all = before(urn)
    for (const role of needed) assert.ok(all.has(role), `${urn} → ${role}`)
  }
})

test('what a first run targets, and every provider, waits for nothing that it does not target', () => {
  const byUrn = new Map(graph.resources.map((resource) => [resource.urn, resource]))
  // The targets of docs/delivery.md. Providers are a part of every targeted run.
  const target = /^(neurodefender:aws:(LogKey|Network|Cluster|Runner)|pulumi:.*)$/
  const targeted = (urn: string | undefined): boolean => {
    const resource = urn === undefined ? undefined : byUrn.get(urn)
    return resource !== undefined && (target.test(resource.type) || targeted(resource.parent))
  }
  const first = graph.resources.filter(({ urn }) => targeted(urn))
  assert.ok(first.some(({ type }) => type === 'pulumi:providers:kubernetes'))
  assert.ok(first.some(({ type }) => type === 'aws:codebuild/webhook:Webhook'))
  for (const { urn, dependencies } of first)
    for (const one of dependencies) assert.ok(targeted(one) || one.includes('StackReference'), `${urn} → ${one}`)
})

test('an inline policy is no longer than IAM takes, and none may do everything to everything', () => {
  const policy = ofType(graph, 'iam/rolePolicy:RolePolicy')
  for (const { name, inputs } of policy) assert.ok(String(inputs.policy).length <= 10_240, name)
  const guarded = graph.resources.map(({ inputs, ...resource }) => ({ ...resource, props: inputs }))
  assert.deepEqual(
    verdicts(guarded as never, { environment: 'prod', stack: graph.stack })
      .filter(({ rule }) => rule.name.startsWith('iam-'))
      .map(({ message }) => message),
    [],
  )
})

test('pods write internal names, and no public one', () => {
  const zone = ofType(graph, 'route53/zone:Zone')[0]?.inputs ?? assert.fail()
  assert.equal(zone.name, internalDomain(scope, region))
  assert.equal(zone.vpcs.length, 1)
  const written = rightsOf('external-dns')
  for (const statement of [written.Read, written.Write])
    assert.deepEqual(statement?.Resource, [`arn:aws:route53:::hostedzone/Znd-prod-${region}-internal`])
  assert.ok(
    !JSON.stringify(graph.resources.filter(({ type }) => type.includes('iam/'))).includes('hostedzone/Znd-prod"'),
  )
})

test('the region says itself where its entries answer', () => {
  const records = ofType(graph, 'route53/record:Record').map(({ inputs }) => [inputs.name, inputs.records[0]])
  const hosts = records.map(([name]) => name)
  assert.deepEqual(hosts.sort(), [
    `analytics.${region}.neurodefender.example`,
    `event-collector.${region}.neurodefender.example`,
  ])
  for (const [, target] of records) assert.match(target, /^ingress-.*elb\.example$/)
  const ingress = object('Ingress', 'istio-ingressgateway') as { spec: { rules: { host: string }[] } }
  const answered = ingress.spec.rules.map(({ host }) => host)
  for (const host of hosts) assert.ok(answered.includes(host), host)
})

test('a certificate of another authority, of code, or without end cannot be had', () => {
  const { Ask } = rightsOf('aws-privateca-issuer')
  const templates: string[] = Ask?.Condition.StringEquals['acm-pca:TemplateArn']
  assert.ok(templates.length > 0)
  for (const template of templates) assert.match(template, /EndEntity/)
})

test('backups cannot be deleted by who makes them, but for their lock', () => {
  const rights = Object.values(rightsOf('clickhouse'))
  const may = (action: string) => rights.flatMap(({ Action, Resource }) => (Action.includes(action) ? Resource : []))
  const bucket = `arn:aws:s3:::nd-prod-${region}-backups-123456789012`
  assert.deepEqual(may('s3:PutObject'), [`${bucket}/clickhouse/*`])
  assert.deepEqual(may('s3:DeleteObject'), [`${bucket}/clickhouse/*.lock`])
  assert.deepEqual(may('s3:DeleteObjectVersion'), [])
  const chi = JSON.stringify(objects('ClickHouseInstallation').map(({ inputs }) => inputs))
  assert.ok(chi.includes(`nd-prod-${region}-backups-123456789012.s3.${region}.amazonaws.com/clickhouse/`))
})

test('who serves models reads those of its own bucket, and does nothing else', () => {
  const rights = Object.values(rightsOf('ml-inference'))
  assert.deepEqual(
    rights.map(({ Action, Resource }) => [Action, Resource]),
    [
      ['s3:GetObject', `arn:aws:s3:::nd-prod-${region}-models-123456789012/*`],
      ['kms:Decrypt', rights[1]?.Resource],
    ].map((row) => row.map((one) => [one].flat())),
  )
  assert.deepEqual(rights[1]?.Condition, { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } })
})

test('other regions reach the ports that the charts name, the API among them', () => {
  const { cidrBlock } = only(graph, 'ec2/vpc:Vpc')
  const peers = ofType(graph, 'vpc/securityGroupIngressRule:SecurityGroupIngressRule').filter(
    ({ inputs }) => inputs.cidrIpv4 && inputs.cidrIpv4 !== cidrBlock,
  )
  const wanted = portsBetweenRegions({ policies }).map(({ port }) => port)
  assert.ok(wanted.includes(443) && wanted.includes(8444))
  for (const cidr of new Set(peers.map(({ inputs }) => inputs.cidrIpv4)))
    assert.deepEqual(
      peers
        .filter(({ inputs }) => inputs.cidrIpv4 === cidr)
        .map(({ inputs }) => inputs.fromPort)
        .sort((a, b) => a - b),
      [...wanted].sort((a, b) => a - b),
    )
  assert.equal(peers.length, 2 * wanted.length)
})

test('machines, Kafka and the cache meet in the group of the cluster', () => {
  const group = ofType(graph, 'ec2/tag:Tag').find(({ inputs }) => inputs.key === 'karpenter.sh/discovery')?.inputs
  const nodeClass = object('EC2NodeClass', 'neurodefender') as {
    spec: { securityGroupSelectorTerms: { tags: Record<string, string> }[] }
  }
  assert.deepEqual(nodeClass.spec.securityGroupSelectorTerms, [{ tags: { 'karpenter.sh/discovery': group?.value } }])
  const clients = ofType(graph, 'vpc/securityGroupIngressRule:SecurityGroupIngressRule').filter(
    ({ inputs }) => inputs.description === 'Pods of the cluster',
  )
  assert.equal(clients.length, 2)
  for (const { inputs } of clients) assert.equal(inputs.referencedSecurityGroupId, group?.resourceId)
})

test('the root of the mesh is the certificate of the authority, and its token is made by the cluster', () => {
  assert.deepEqual(object('ConfigMap', 'istio-root-ca')?.data, { 'ca.pem': outputs.authorityCertificate })
  const token = object('Secret', 'istio-reader-token')
  assert.equal(token?.type, 'kubernetes.io/service-account-token')
  assert.equal(token?.data, undefined)
  const { dependencies = [] } = graph.resources.find(({ name }) => name === 'mesh-reader-token') ?? {}
  assert.ok(dependencies.some((urn) => urn.includes('release-istio-system-istiod')))
})

test('a region comes up before the others are there: nothing waits for a quorum over all of them', () => {
  for (const kind of ['StatefulSet', 'Service']) {
    const { metadata } = object(kind, 'keeper') as { metadata: { annotations?: Record<string, string> } }
    assert.equal(metadata.annotations?.['pulumi.com/skipAwait'], 'true', kind)
  }
  const waited = graph.resources.filter(({ inputs }) => !JSON.stringify(inputs.metadata ?? {}).includes('skipAwait'))
  assert.equal(waited.length, graph.resources.length - 2)
})

test('the stack that joins regions reads and writes the namespace of the mesh alone', () => {
  const entry = ofType(graph, 'eks/accessPolicyAssociation:AccessPolicyAssociation').find(({ name }) =>
    name.endsWith('-links'),
  )?.inputs
  assert.match(entry?.principalArn, /nd-prod-ci-deploy-global$/)
  assert.deepEqual(entry?.accessScope, { type: 'namespace', namespaces: ['istio-system'] })
})

test('a runner takes jobs of the workflows that ask for one, and of no other', async () => {
  const folder = new URL('../.github/workflows/', import.meta.url)
  const files = readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), 'utf8')] as const)
  const asking = files.filter(([, text]) => text.includes("format('codebuild-")).map(([file]) => file)
  const started = files.filter(
    ([file, text]) =>
      (asking.includes(file) && !/^ {2}workflow_call:/m.test(text)) ||
      asking.some((part) => text.includes(`uses: ./.github/workflows/${part}`)),
  )
  const names = started.map(([, text]) => /^name: (.+)$/m.exec(text)?.[1])
  assert.deepEqual([...runnerWorkflows].sort(), names.sort())
  assert.equal(only(graph, 'codebuild/project:Project').name, `nd-prod-${region}-runner`)
  assert.deepEqual(ofType(await record(), 'codebuild/project:Project'), [])
})

test('nothing secret stands in the graph in the clear, and a first preview knows enough', async () => {
  for (const { inputs, urn } of objects('Secret')) assert.ok(inputs.data === undefined || inputs.data === hidden, urn)
  const first = await record({}, true)
  assert.equal(first.resources.filter(({ type }) => type === 'aws:route53/record:Record').length, 2)
})
