import {
  all,
  getOrganization,
  getProject,
  type Input,
  type Output,
  StackReference,
  secret,
  unsecret,
} from '@pulumi/pulumi'

/** What a stack tells other stacks: the name of each output and what it holds. */
const kinds = {
  text: (value: unknown): value is string => isText(value),
  /** A text that stays encrypted in every state it gets into. */
  secret: (value: unknown): value is string => isText(value),
  count: (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  texts: (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText),
  /** Name → text: one for each region, bucket or image. */
  map: (value: unknown): value is Readonly<Record<string, string>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText),
} as const

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const called: Readonly<Record<Kind, string>> = {
  text: 'a text',
  secret: 'a secret text',
  count: 'a count',
  texts: 'a list of texts',
  map: 'a map of texts',
}

type Kind = keyof typeof kinds
type Value<K extends Kind> = (typeof kinds)[K] extends (value: unknown) => value is infer T ? T : never

export type Schema = Readonly<Record<string, Kind>>
export type Outputs<S extends Schema> = { readonly [Name in keyof S]: Value<S[Name]> }

/** The outputs of a region's platform stack. */
export const platformOutputs = {
  environment: 'text',
  region: 'text',
  /** Namespaces that stand and can be deployed into. */
  namespaces: 'texts',
  /** How many objects the platform consists of. */
  objects: 'count',
} as const satisfies Schema

/** The outputs of a region's services stack. */
export const servicesOutputs = { region: 'text', objects: 'count' } as const satisfies Schema

/** What an environment has once. Maps are by region, `repositoryUrls` by image. */
export const globalOutputs = {
  accountId: 'text',
  zoneId: 'text',
  /** To be made known to the domain above. */
  nameServers: 'texts',
  dataKeyArns: 'map',
  certificateArns: 'map',
  webAclArns: 'map',
  /** Signs every certificate between services; in which region. */
  authorityArn: 'text',
  authorityRegion: 'text',
  /** The authority's own certificate, PEM: what everybody trusts. No secret. */
  authorityCertificate: 'text',
  repositoryUrls: 'map',
  /** By which the replicas of the hot tier know each other, in all regions. */
  replicaPassword: 'secret',
  previewRoleArn: 'text',
  imagesRoleArn: 'text',
  /** By region, and 'global' for the stacks that belong to none. */
  deployRoleArns: 'map',
} as const satisfies Schema

/** A region: network, cluster, platform and data. */
export const regionOutputs = {
  region: 'text',
  vpcId: 'text',
  cidr: 'text',
  privateRouteTableIds: 'texts',
  intraRouteTableIds: 'texts',
  intraSubnetIds: 'texts',
  /** The zone of the names that other regions ask for. */
  internalZoneId: 'text',
  clusterName: 'text',
  clusterEndpoint: 'text',
  clusterCertificateAuthority: 'text',
  clusterSecurityGroupId: 'text',
  nodeRole: 'text',
  kafkaArn: 'text',
  kafkaBrokers: 'text',
  kafkaSecurityGroupId: 'text',
  cacheHost: 'text',
  cachePassword: 'secret',
  clickhouseSinkPassword: 'secret',
  clickhouseAnalyticsPassword: 'secret',
  prometheusPassword: 'secret',
  /** By key of `policies.buckets`. */
  bucketNames: 'map',
  bucketArns: 'map',
  namespaces: 'texts',
  objects: 'count',
} as const satisfies Schema

/** What joins the regions. */
export const linksOutputs = {
  /** 'us-east-1 > us-west-2' → id of the connection. */
  peerings: 'map',
  /** The same → ARN of what copies Kafka. */
  replicators: 'map',
  /** Public host → id of the check of the region that answers first. */
  healthChecks: 'map',
} as const satisfies Schema

export class StackOutputError extends Error {
  readonly code = 'BAD_STACK_OUTPUT'
}

/** Stands where a secret was found that the schema does not expect. */
const unexpected = Symbol('secret')

const shown = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === unexpected
      ? 'secret'
      : Array.isArray(value)
        ? 'a list of something else'
        : typeof value === 'object' && value !== null
          ? 'a map of something else'
          : value === ''
            ? 'empty'
            : `of type ${value === null ? 'null' : typeof value}`

/** Judges the outputs of a stack. Throws StackOutputError, which names the stack and every field that is wrong, but no value. */
export function checkOutputs<S extends Schema>(
  stack: string,
  schema: S,
  values: Readonly<Record<string, unknown>>,
): Outputs<S> {
  const wrong = Object.entries(schema)
    .filter(([name, kind]) => !kinds[kind](values[name]))
    .map(([name, kind]) => `'${name}' should be ${called[kind]} and is ${shown(values[name])}`)
  if (wrong.length > 0)
    throw new StackOutputError(
      `The outputs of the stack '${stack}' are not what this program expects: ${wrong.join('; ')}. Bring '${stack}' up again first.`,
    )
  return Object.fromEntries(Object.keys(schema).map((name) => [name, values[name]])) as Outputs<S>
}

/**
 * The outputs that a stack's program answers; checked as soon as their values are known. Secret are those that the schema calls so, and
 * those that come in secret.
 */
export function declareOutputs<S extends Schema>(
  stack: string,
  schema: S,
  values: { readonly [Name in keyof S]: Input<Value<S[Name]>> },
): Record<keyof S, Output<unknown>> {
  const good = unsecret(
    all(values as Record<string, Input<unknown>>).apply((known) => {
      checkOutputs<Schema>(stack, schema, known as Record<string, unknown>)
      return true
    }),
  )
  return Object.fromEntries(
    Object.entries(schema).map(([name, kind]) => {
      const value = all([values[name], good]).apply(([known]) => known)
      return [name, kind === 'secret' ? secret(value) : value]
    }),
  ) as Record<keyof S, Output<unknown>>
}

/** What another stack declared. Fails the update when that stack has not been brought up, or by a program with another schema. */
export const readOutputs = <S extends Schema>(
  reference: StackReference,
  stack: string,
  schema: S,
): Output<Outputs<S>> =>
  reference.outputs.apply((values) => checkOutputs(stack, schema, values as Record<string, unknown>))

/** What another stack declared, in hand: a program may take its shape from it. Secrets stay Outputs. */
export type Told<S extends Schema> = {
  readonly [Name in keyof S]: S[Name] extends 'secret' ? Output<string> : Value<S[Name]>
}

/**
 * Reads what a stack of the same project declared, before anything is made of it. Throws StackOutputError when that stack has not been
 * brought up, or by a program with another schema, and when a secret stands where the schema has none.
 */
export async function readStack<S extends Schema>(stack: string, schema: S): Promise<Told<S>> {
  const reference = new StackReference(`${getOrganization()}/${getProject()}/${stack}`)
  const details = await Promise.all(
    Object.entries(schema).map(async ([name, kind]) => {
      const { value, secretValue } = await reference.getOutputDetails(name)
      return { name, kind, value: value ?? (kind === 'secret' || secretValue === undefined ? secretValue : unexpected) }
    }),
  )
  const known = checkOutputs(stack, schema, Object.fromEntries(details.map(({ name, value }) => [name, value])))
  return Object.fromEntries(
    details.map(({ name, kind }) => [name, kind === 'secret' ? secret(known[name]) : known[name]]),
  ) as Told<S>
}

/** One text of a map that another stack declared. Throws StackOutputError with the stack, the output and what is missing. */
export function memberOf(stack: string, name: string, map: Readonly<Record<string, string>>, key: string): string {
  const value = Object.hasOwn(map, key) ? map[key] : undefined
  if (value !== undefined) return value
  throw new StackOutputError(
    `The output '${name}' of the stack '${stack}' has nothing for '${key}'; it has: ${Object.keys(map).join(', ')}. Bring '${stack}' up again first.`,
  )
}
