import { fileURLToPath } from 'node:url'
import { Client, credentials, status } from '@grpc/grpc-js'
import protobuf from 'protobufjs'

const root = protobuf.loadSync(fileURLToPath(new URL('open-inference.proto', import.meta.url)))

export type Method =
  | 'ServerLive'
  | 'ServerReady'
  | 'ModelReady'
  | 'ServerMetadata'
  | 'ModelMetadata'
  | 'ModelInfer'
  | 'RepositoryIndex'
  | 'RepositoryModelLoad'
  | 'RepositoryModelUnload'

export interface GrpcAnswer<T> {
  /** Name of google.rpc.Status' code. */
  readonly code: string
  readonly message: string
  /** Whole numbers of 64 bits as texts, bytes as Buffers. Undefined where the code is not OK. */
  readonly response: T | undefined
}

const timeoutMs = 20_000
const largest = 64 * 1024 * 1024

/** A server's gRPC interface. */
export class Grpc {
  readonly #client: Client

  /** `address`: `host:port`; `ca`: PEM, for TLS; in the clear without. */
  constructor(address: string, ca?: Buffer) {
    this.#client = new Client(address, ca ? credentials.createSsl(ca) : credentials.createInsecure(), {
      'grpc.max_receive_message_length': largest,
      'grpc.max_send_message_length': largest,
    })
  }

  call<T>(method: Method, given: object): Promise<GrpcAnswer<T>> {
    const request = root.lookupType(`inference.${method}Request`)
    const response = root.lookupType(`inference.${method}Response`)
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        `/inference.GRPCInferenceService/${method}`,
        (message: object) => Buffer.from(request.encode(request.fromObject(message)).finish()),
        (bytes: Buffer) =>
          response.toObject(response.decode(bytes), { longs: String, defaults: true, arrays: true }) as T,
        given,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error)
            resolve({ code: status[error.code] ?? String(error.code), message: error.details, response: undefined })
          else resolve({ code: 'OK', message: '', response: answer as T })
        },
      )
    })
  }

  close(): void {
    this.#client.close()
  }
}
