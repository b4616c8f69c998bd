import * as grpc from '@grpc/grpc-js'

/** Answers one call; what it throws may carry a `code` and `metadata` of gRPC's own. */
export type Handler = (request: never) => Promise<unknown>

const answering =
  (handler: Handler): grpc.handleUnaryCall<unknown, unknown> =>
  (call, callback) => {
    handler(call.request as never).then(
      (response) => callback(null, response),
      (error: Error & { metadata?: grpc.Metadata; code?: unknown }) =>
        callback({
          code: typeof error.code === 'number' ? error.code : grpc.status.UNKNOWN,
          details: error.message,
          ...(error.metadata ? { metadata: error.metadata } : {}),
        }),
    )
  }

/** The engine asks what a plugin can do, and goes on without what is not implemented. */
const missing =
  (details: string): grpc.handleUnaryCall<unknown, unknown> =>
  (_call, callback) =>
    callback({ code: grpc.status.UNIMPLEMENTED, details })

/** All methods of a service by their names; those without a handler say that `who` has none. */
export const unary = (
  methods: object,
  handlers: Readonly<Record<string, Handler>>,
  who: string,
): grpc.UntypedServiceImplementation =>
  Object.fromEntries(
    Object.keys(methods).map((name) => {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
      return [name, handler ? answering(handler) : missing(`The stand-in ${who} has no ${name}.`)]
    }),
  )
