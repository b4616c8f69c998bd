import { objectMeta } from './crd.ts'
import { type OpenApi, standalone } from './openapi.ts'
import { kindSchema, pathOf, type Schema, type Schemas } from './schema.ts'

const podTemplate = 'io.k8s.api.core.v1.PodTemplateSpec'
const claim = 'io.k8s.api.core.v1.PersistentVolumeClaimSpec'

const object = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 ? { required } : {}),
})
const list = (items: Schema): Schema => ({ type: 'array', items })
const text: Schema = { type: 'string', minLength: 1 }
const count: Schema = { type: 'integer', minimum: 1 }
const yesNo: Schema = { enum: ['yes', 'no'] }
/** Names with slashes in them, and whatever ClickHouse itself makes of their values. */
const settings: Schema = {
  type: 'object',
  additionalProperties: {
    anyOf: [{ type: ['string', 'number', 'boolean'] }, list({ type: 'string' }), { type: 'object' }],
  },
}

/** One installation of ClickHouse: as much of it as we use. */
const installation = (pod: Schema, volume: Schema): Schema =>
  object(
    {
      defaults: object({
        replicasUseFQDN: yesNo,
        templates: object({ podTemplate: text, dataVolumeClaimTemplate: text, serviceTemplate: text }),
      }),
      configuration: object(
        {
          zookeeper: object({
            nodes: list(object({ host: text, port: count, secure: yesNo }, ['host'])),
            session_timeout_ms: count,
            operation_timeout_ms: count,
            root: text,
          }),
          users: settings,
          profiles: settings,
          quotas: settings,
          settings,
          files: { type: 'object', additionalProperties: { type: 'string' } },
          clusters: list(
            object(
              {
                name: { type: 'string', minLength: 1, maxLength: 15 },
                secure: yesNo,
                insecure: yesNo,
                pdbManaged: yesNo,
                pdbMaxUnavailable: { type: 'integer', minimum: 0 },
                layout: object({ shardsCount: count, replicasCount: count }),
              },
              ['name'],
            ),
          ),
        },
        ['clusters'],
      ),
      templates: object({
        podTemplates: list(
          object(
            {
              name: text,
              podDistribution: list(object({ type: text, scope: text, topologyKey: text }, ['type'])),
              metadata: { type: 'object' },
              spec: pod,
            },
            ['name'],
          ),
        ),
        volumeClaimTemplates: list(
          object({ name: text, reclaimPolicy: { enum: ['Retain', 'Delete'] }, spec: volume }, ['name', 'spec']),
        ),
        serviceTemplates: list(
          object({ name: text, generateName: text, metadata: { type: 'object' }, spec: { type: 'object' } }, ['name']),
        ),
      }),
    },
    ['configuration'],
  )

/** Schemas of kinds whose definitions cannot be had: narrow ones of our own, for what our charts say of them and nothing else. */
export function ownSchemas(api: OpenApi): Schemas {
  const meta = standalone(objectMeta, api)
  const pod = standalone(podTemplate, api)
  const volume = standalone(claim, api)
  const reference = (name: string): Schema => ({ $ref: `#/definitions/${name}` })
  const podSpec = 'io.k8s.api.core.v1.PodSpec'
  const [group, version, kind] = ['clickhouse.altinity.com', 'v1', 'ClickHouseInstallation']
  const schema = kindSchema(
    group,
    version,
    kind,
    object({ metadata: meta.schema, spec: installation(reference(podSpec), volume.schema) }, ['spec']),
  )
  return new Map([
    [
      pathOf(group, version, kind),
      { ...schema, definitions: { ...meta.definitions, ...pod.definitions, ...volume.definitions } },
    ],
  ])
}
