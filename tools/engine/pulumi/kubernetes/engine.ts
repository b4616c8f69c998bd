import { createRequire } from 'node:module'
import * as grpc from '@grpc/grpc-js'
import engineGrpc from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import proto from '@pulumi/pulumi/proto/engine_pb.js'

/** The version of a package of the checkout. */
export const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version

/** Messages as large as a state may be. */
export const channelOptions = { 'grpc.max_receive_message_length': 400 * 2 ** 20, 'grpc.max_send_message_length': -1 }

/** The engine's log, which is what the person in front of it reads. Losing a line of it is never an error. */
export class Engine {
  readonly #client: engineGrpc.EngineClient

  constructor(address: string) {
    this.#client = new engineGrpc.EngineClient(address, grpc.credentials.createInsecure(), channelOptions)
  }

  info(message: string, urn = ''): void {
    this.#log(proto.LogSeverity.INFO, message, urn, false)
  }

  warn(message: string, urn = ''): void {
    this.#log(proto.LogSeverity.WARNING, message, urn, false)
  }

  /** A line that the next one of the same resource replaces on a terminal. */
  progress(message: string, urn: string): void {
    this.#log(proto.LogSeverity.INFO, message, urn, true)
  }

  #log(severity: proto.LogSeverity, message: string, urn: string, ephemeral: boolean): void {
    const request = new proto.LogRequest()
    request.setSeverity(severity)
    request.setMessage(message)
    request.setUrn(urn)
    request.setEphemeral(ephemeral)
    this.#client.log(request, (error: Error | null) => {
      if (error) process.stderr.write(`${message}\n`)
    })
  }

  close(): void {
    this.#client.close()
  }
}
