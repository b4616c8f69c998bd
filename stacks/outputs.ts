import { all, type Input, type Output, type StackReference, unsecret } from '@pulumi/pulumi'

/** What a stack tells other stacks: the name of each output and what it holds. */
const kinds = {
  text: (value: unknown): value is string => typeof value === 'string' && value !== '',
  count: (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  texts: (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText),
  /** Name → text: one for each region, bucket or image. */
  map: (value: unknown): value is Readonly<Record<string, string>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText),
} as const

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const called: Readonly<Record<Kind, string>> = {
  text: 'a text',
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
  repositoryUrls: 'map',
  previewRoleArn: 'text',
  imagesRoleArn: 'text',
  /** By region, and 'global' for the stacks that belong to none. */
  deployRoleArns: 'map',
} as const satisfies Schema

/** A region: network, cluster, platform and data. Passwords are secret. */
export const regionOutputs = {
  region: 'text',
  vpcId: 'text',
  cidr: 'text',
  privateRouteTableIds: 'texts',
  intraRouteTableIds: 'texts',
  intraSubnetIds: 'texts',
  clusterName: 'text',
  clusterEndpoint: 'text',
  clusterCertificateAuthority: 'text',
  clusterSecurityGroupId: 'text',
  kafkaArn: 'text',
  kafkaBrokers: 'text',
  kafkaSecurityGroupId: 'text',
  cacheHost: 'text',
  cachePassword: 'text',
  clickhouseSinkPassword: 'text',
  clickhouseAnalyticsPassword: 'text',
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

const shown = (value: unknown): string =>
  value === undefined
    ? 'missing'
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

/** The outputs that a stack's program answers; checked as soon as their values are known. What goes in secret comes out secret, and only that. */
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
    Object.keys(schema).map((name) => [name, all([values[name], good]).apply(([value]) => value)]),
  ) as Record<keyof S, Output<unknown>>
}

/** What another stack declared. Fails the update when that stack has not been brought up, or by a program with another schema. */
export const readOutputs = <S extends Schema>(
  reference: StackReference,
  stack: string,
  schema: S,
): Output<Outputs<S>> =>
  reference.outputs.apply((values) => checkOutputs(stack, schema, values as Record<string, unknown>))

/** The same, each output by itself: a secret among them leaves the others plain. */
export function readEach<S extends Schema>(
  reference: StackReference,
  stack: string,
  schema: S,
): { readonly [Name in keyof S]: Output<Value<S[Name]>> } {
  const good = unsecret(readOutputs(reference, stack, schema).apply(() => true))
  return Object.fromEntries(
    Object.keys(schema).map((name) => [name, all([reference.getOutput(name), good]).apply(([value]) => value)]),
  ) as { readonly [Name in keyof S]: Output<Value<S[Name]>> }
}

/** One text of a map that another stack declared. Fails the update with the stack, the output and what is missing. */
export const memberOf = (stack: string, name: string, map: Output<Readonly<Record<string, string>>>, key: string) =>
  map.apply((known): string => {
    const value = known[key]
    if (value === undefined)
      throw new StackOutputError(
        `The output '${name}' of the stack '${stack}' has nothing for '${key}'; it has: ${Object.keys(known).join(', ')}. Bring '${stack}' up again first.`,
      )
    return value
  })

/** So many texts of a list that another stack declared, each by itself. Fails the update when the list has another length. */
export const itemsOf = (stack: string, name: string, list: Output<readonly string[]>, count: number) =>
  Array.from({ length: count }, (_, i) =>
    list.apply((known): string => {
      if (known.length !== count)
        throw new StackOutputError(
          `The output '${name}' of the stack '${stack}' has ${known.length} texts and should have ${count}. Bring '${stack}' up again first.`,
        )
      return known[i] as string
    }),
  )
