import * as grpc from '@grpc/grpc-js'
import plugin from '@pulumi/pulumi/proto/plugin_pb.js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import status from '@pulumi/pulumi/proto/status_pb.js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { type Handler, unary } from '../unary.ts'
import { checkSettings, secretSettings } from './config.ts'
import { changes } from './diff.ts'
import { Engine, versionOf } from './engine.ts'
import { KindError, kindOf, typeOf } from './kind.ts'
import { idOf, nameOfObject } from './object.ts'
import type { PlannedChange } from './plan.ts'
import { KubernetesProvider, PartialError, type Resource } from './provider.ts'
import { ownSecrets, secretPaths } from './secret.ts'
import { decode, encode, format, type JsonObject, type Properties } from './wire.ts'

const notice =
  "pulumi-resource-kubernetes is Neurodefender's stand-in, not the official plugin: it deploys single Kubernetes objects and nothing else (docs/pulumi.md)."

/** The engine's protocol on top of the provider. `engineAddress` is where the engine listens for log lines. */
export function service(engineAddress: string | undefined): grpc.UntypedServiceImplementation {
  let engine = engineAddress ? new Engine(engineAddress) : undefined
  let announced = false
  const provider = new KubernetesProvider(() => engine)

  const resource = (request: { getUrn(): string; getTimeout?(): number }, inputs: Properties): Resource => ({
    urn: request.getUrn(),
    inputs,
    timeout: request.getTimeout?.() ?? 0,
  })
  const state = (urn: string, inputs: Properties, live: JsonObject) => {
    const kind = kindOf(typeOf(urn))
    return encode(live, secretPaths(kind, inputs.value, inputs.secrets, live))
  }
  const keep = (urn: string, inputs: Properties, value: JsonObject) =>
    encode(value, [...ownSecrets(kindOf(typeOf(urn))), ...inputs.secrets])
  /** Runs what may leave an object behind; tells the engine about it in its own error type. */
  const partial = async <T>(urn: string, inputs: Properties, body: () => Promise<T>): Promise<T> => {
    try {
      return await body()
    } catch (error) {
      if (!(error instanceof PartialError)) throw error
      const detail = new proto.ErrorResourceInitFailed()
      detail.setId(error.id)
      detail.setProperties(state(urn, inputs, error.live))
      detail.setInputs(keep(urn, inputs, inputs.value))
      detail.setReasonsList([...error.reasons])
      throw rpcError(grpc.status.UNKNOWN, error.message, detail)
    }
  }

  const handlers = {
    async getPluginInfo() {
      const info = new plugin.PluginInfo()
      info.setVersion(versionOf('@pulumi/kubernetes'))
      return info
    },
    async attach(request: plugin.PluginAttach) {
      engine?.close()
      engine = new Engine(request.getAddress())
      return new empty.Empty()
    },
    async getSchema() {
      const response = new proto.GetSchemaResponse()
      response.setSchema(JSON.stringify({ name: 'kubernetes', version: versionOf('@pulumi/kubernetes') }))
      return response
    },
    async checkConfig(request: proto.CheckRequest) {
      const news = decode(request.getNews())
      const response = new proto.CheckResponse()
      response.setInputs(encode(news.value, [...secretSettings, ...news.secrets]))
      response.setFailuresList(checkSettings(news.value).map(failure))
      return response
    },
    async diffConfig(request: proto.DiffRequest) {
      const olds = decode(request.getOldInputs() ?? request.getOlds()).value
      const news = decode(request.getNews()).value
      const changed = changes(olds, news).filter(({ path }) => path[0] !== 'version')
      const response = new proto.DiffResponse()
      const some = changed.length > 0
      response.setChanges(some ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE)
      response.setDiffsList([...new Set(changed.map(({ path }) => String(path[0])))])
      // Another certificate or address is the same cluster; only this name says that it is another one.
      if (changed.some(({ path }) => path[0] === 'clusterIdentifier')) response.setReplacesList(['clusterIdentifier'])
      return response
    },
    async configure(request: proto.ConfigureRequest) {
      provider.configure(decode(request.getArgs()))
      if (!announced) engine?.warn(notice)
      announced = true
      const response = new proto.ConfigureResponse()
      response.setAcceptsecrets(true)
      response.setSupportspreview(true)
      return response
    },
    async check(request: proto.CheckRequest) {
      const news = decode(request.getNews())
      const response = new proto.CheckResponse()
      try {
        const olds = decode(request.getOlds())
        const checked = await provider.check(request.getUrn(), olds, news, request.getRandomseed_asU8())
        response.setInputs(keep(request.getUrn(), news, checked.inputs))
        response.setFailuresList(checked.findings.map(failure))
      } catch (error) {
        if (!(error instanceof KindError)) throw error
        response.setInputs(request.getNews())
        response.setFailuresList([failure({ property: '', reason: error.message })])
      }
      return response
    },
    async diff(request: proto.DiffRequest) {
      const oldInputs = decode(request.getOldInputs())
      const news = decode(request.getNews())
      const ignored = request.getIgnorechangesList()
      const planned = await provider.diff(resource(request, news), request.getId(), oldInputs, ignored)
      const response = new proto.DiffResponse()
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges
      response.setChanges(planned.changes.length > 0 ? DIFF_SOME : DIFF_NONE)
      response.setDiffsList([...new Set(planned.changes.map(({ path }) => String(path[0])))])
      response.setReplacesList(planned.changes.filter((change) => change.replaces).map(({ path }) => format(path)))
      response.setDeletebeforereplace(planned.deleteBeforeReplace)
      response.setHasdetaileddiff(true)
      for (const change of planned.changes) response.getDetaileddiffMap().set(format(change.path), propertyDiff(change))
      return response
    },
    async create(request: proto.CreateRequest) {
      const inputs = decode(request.getProperties())
      const urn = request.getUrn()
      return partial(urn, inputs, async () => {
        const { id, live } = await provider.create(resource(request, inputs), request.getPreview())
        const response = new proto.CreateResponse()
        response.setId(id)
        response.setProperties(state(urn, inputs, live))
        return response
      })
    },
    async update(request: proto.UpdateRequest) {
      const inputs = decode(request.getNews())
      const urn = request.getUrn()
      return partial(urn, inputs, async () => {
        const ignored = request.getIgnorechangesList()
        const live = await provider.update(resource(request, inputs), request.getId(), ignored, request.getPreview())
        const response = new proto.UpdateResponse()
        response.setProperties(state(urn, inputs, live))
        return response
      })
    },
    async read(request: proto.ReadRequest) {
      const inputs = decode(request.getInputs())
      const urn = request.getUrn()
      const response = new proto.ReadResponse()
      const found = await provider.read(resource(request, inputs), request.getId())
      if (!found) return response
      response.setId(idOf(nameOfObject(found.live)))
      response.setProperties(state(urn, inputs, found.live))
      response.setInputs(keep(urn, inputs, found.inputs))
      return response
    },
    async delete(request: proto.DeleteRequest) {
      const inputs = decode(request.getOldInputs())
      await provider.delete(resource(request, inputs), request.getId())
      return new empty.Empty()
    },
    async cancel() {
      provider.cancel()
      return new empty.Empty()
    },
  } satisfies Record<string, Handler>

  return unary(providerGrpc.ResourceProviderService, handlers, 'provider')
}

const failure = ({ property, reason }: { property: string; reason: string }): proto.CheckFailure => {
  const found = new proto.CheckFailure()
  found.setProperty(property)
  found.setReason(reason)
  return found
}

function propertyDiff(change: PlannedChange): proto.PropertyDiff {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind
  const kinds = { add: [ADD, ADD_REPLACE], delete: [DELETE, DELETE_REPLACE], update: [UPDATE, UPDATE_REPLACE] } as const
  const diff = new proto.PropertyDiff()
  diff.setKind(kinds[change.kind][change.replaces ? 1 : 0])
  diff.setInputdiff(change.isInput)
  return diff
}

/** An error that carries a message of the engine's own, the way gRPC's rich errors do. */
function rpcError(code: grpc.status, message: string, detail: proto.ErrorResourceInitFailed): Error {
  const rich = new status.Status()
  rich.setCode(code)
  rich.setMessage(message)
  const packed = new any.Any()
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed')
  rich.addDetails(packed)
  const metadata = new grpc.Metadata()
  metadata.add('grpc-status-details-bin', Buffer.from(rich.serializeBinary()))
  return Object.assign(new Error(message), { code, metadata })
}
