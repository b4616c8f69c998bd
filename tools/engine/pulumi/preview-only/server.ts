import type * as grpc from '@grpc/grpc-js'
import plugin from '@pulumi/pulumi/proto/plugin_pb.js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { answerCall, answerResource } from '../../../../infra/graph/answers.ts'
import { changes } from '../kubernetes/diff.ts'
import { Engine, versionOf } from '../kubernetes/engine.ts'
import { decode, encode, format, type JsonObject } from '../kubernetes/wire.ts'
import { type Handler, unary } from '../unary.ts'

/** A package of Pulumi's whose resources are previewed here and never made. */
export interface PreviewedPackage {
  /** 'aws' */
  readonly name: string
  /** Where its version stands: '@pulumi/aws'. */
  readonly module: string
}

/**
 * The engine's protocol for a cloud that cannot be reached: inputs are taken as they are, what the cloud would compute stays unknown, data
 * sources and what is read by its id answer as in a recorded graph, and whatever would change something is refused with a sentence.
 */
export function service(
  { name, module }: PreviewedPackage,
  engineAddress: string | undefined,
): grpc.UntypedServiceImplementation {
  let engine = engineAddress ? new Engine(engineAddress) : undefined
  let announced = false
  const plugged = `pulumi-resource-${name}`
  const refuse = (what: string): never => {
    throw new Error(
      `${plugged} is Neurodefender's stand-in and only previews: it cannot ${what}. Install the official plugin (docs/pulumi.md).`,
    )
  }

  const handlers = {
    async getPluginInfo() {
      const info = new plugin.PluginInfo()
      info.setVersion(versionOf(module))
      return info
    },
    async attach(request: plugin.PluginAttach) {
      engine?.close()
      engine = new Engine(request.getAddress())
      return new empty.Empty()
    },
    async getSchema() {
      const response = new proto.GetSchemaResponse()
      response.setSchema(JSON.stringify({ name, version: versionOf(module) }))
      return response
    },
    async checkConfig(request: proto.CheckRequest) {
      const response = new proto.CheckResponse()
      response.setInputs(request.getNews())
      return response
    },
    async diffConfig() {
      const response = new proto.DiffResponse()
      response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)
      return response
    },
    async configure() {
      if (!announced)
        engine?.warn(
          `${plugged} is Neurodefender's stand-in, not the official plugin: it previews, and makes nothing (docs/pulumi.md).`,
        )
      announced = true
      const response = new proto.ConfigureResponse()
      response.setAcceptsecrets(true)
      response.setSupportspreview(true)
      return response
    },
    async check(request: proto.CheckRequest) {
      const response = new proto.CheckResponse()
      response.setInputs(request.getNews())
      return response
    },
    async diff(request: proto.DiffRequest) {
      const changed = changes(
        decode(request.getOldInputs() ?? request.getOlds()).value,
        decode(request.getNews()).value,
      )
      const response = new proto.DiffResponse()
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      response.setDiffsList([...new Set(changed.map(({ path }) => format(path.slice(0, 1))))])
      return response
    },
    async create(request: proto.CreateRequest) {
      if (!request.getPreview()) refuse('create resources')
      const response = new proto.CreateResponse()
      response.setProperties(request.getProperties())
      return response
    },
    async update(request: proto.UpdateRequest) {
      if (!request.getPreview()) refuse('change resources')
      const response = new proto.UpdateResponse()
      response.setProperties(request.getNews())
      return response
    },
    async read(request: proto.ReadRequest) {
      const [type = '', name = ''] = request.getUrn().split('::').slice(2)
      const known = { type: type.split('$').at(-1) ?? '', name, id: request.getId() }
      const inputs = decode(request.getInputs() ?? request.getProperties()).value
      const { state } = answerResource({ ...known, inputs }, { outputs: {}, unknowns: false })
      const response = new proto.ReadResponse()
      response.setId(request.getId())
      response.setProperties(encode(state as JsonObject))
      response.setInputs(request.getInputs())
      return response
    },
    async delete() {
      return refuse('delete resources')
    },
    async invoke(request: proto.InvokeRequest) {
      const inputs = decode(request.getArgs()).value
      const response = new proto.InvokeResponse()
      response.setReturn(encode(answerCall({ token: request.getTok(), inputs }) as JsonObject))
      return response
    },
    async cancel() {
      return new empty.Empty()
    },
  } satisfies Record<string, Handler>

  return unary(providerGrpc.ResourceProviderService, handlers, plugged)
}
