import type { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/**
 * One request of Kafka's protocol in one version. All are of the older form without tagged fields, and in what brokers from 2.8 to 4.x take.
 * @see https://kafka.apache.org/protocol.html
 */
export interface Api<Request, Answer> {
  readonly name: string
  readonly key: number
  readonly version: number
  /** Bytes to begin with where the size is known. */
  size?(request: Request): number
  write(writer: Writer, request: Request): void
  read(reader: Reader): Answer
}

/** A request as it goes over the wire: length, head, body. */
export function encodeRequest<Request>(
  api: Api<Request, unknown>,
  correlation: number,
  clientId: string,
  request: Request,
): Buffer {
  const writer = new Writer((api.size?.(request) ?? 256) + 64 + 3 * clientId.length)
  writer.int32(0).int16(api.key).int16(api.version).int32(correlation).string(clientId)
  api.write(writer, request)
  writer.patchInt32(writer.length - 4, 0)
  return writer.bytes
}
