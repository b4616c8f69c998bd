import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as grpc from '@grpc/grpc-js'
import { type Handler, unary } from './unary.ts'

type Answer = { readonly error: Partial<grpc.ServiceError> | null; readonly response: unknown }

/** Calls a method of a service that has two, of which one is answered so. */
function call(method: 'check' | 'diff', check: Handler, request: unknown = undefined): Promise<Answer> {
  const service = unary({ check: {}, diff: {} }, { check }, 'provider')
  const answer = service[method] as grpc.handleUnaryCall<unknown, unknown>
  return new Promise((resolve) =>
    answer({ request } as never, (error, response) => resolve({ error: error as Answer['error'], response })),
  )
}

test('a handler’s answer is passed on', async () => {
  assert.deepEqual(await call('check', async (request) => [request], 7), { error: null, response: [7] })
})

test('what it throws is told with its sentence, and with gRPC’s code and details where it has them', async () => {
  const thrown = (error: object) =>
    call('check', () => Promise.reject(Object.assign(new Error('No such kind.'), error)))
  assert.deepEqual((await thrown({})).error, { code: grpc.status.UNKNOWN, details: 'No such kind.' })
  assert.equal((await thrown({ code: 'ENOENT' })).error?.code, grpc.status.UNKNOWN)
  const metadata = new grpc.Metadata()
  const { error } = await thrown({ code: grpc.status.ABORTED, metadata })
  assert.deepEqual([error?.code, error?.metadata], [grpc.status.ABORTED, metadata])
})

test('a method without a handler is not implemented, and says whose it is', async () => {
  const { error } = await call('diff', async () => undefined)
  assert.deepEqual(error, { code: grpc.status.UNIMPLEMENTED, details: 'The stand-in provider has no diff.' })
})
