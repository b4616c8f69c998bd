import assert from 'node:assert/strict'
import { test } from 'node:test'
import proto from '@pulumi/pulumi/proto/provider_pb.js'
import { decode, encode, type JsonObject, unknown } from '../kubernetes/wire.ts'
import { service } from './server.ts'

const provider = service({ name: 'aws', module: '@pulumi/aws' }, undefined) as unknown as Record<
  string,
  (
    call: { readonly request: unknown },
    callback: (error: { details: string; code: number } | null, answer?: never) => void,
  ) => void
>

const ask = <T>(method: string, request: unknown): Promise<T> =>
  new Promise((resolve, reject) =>
    provider[method]!({ request }, (error, answer) => (error ? reject(error) : resolve(answer as T))),
  )

const create = (preview: boolean, inputs: JsonObject) => {
  const request = new proto.CreateRequest()
  request.setPreview(preview)
  request.setProperties(encode(inputs))
  return ask<proto.CreateResponse>('create', request)
}

test('a preview answers the inputs and no id, unknown values and secrets included', async () => {
  const inputs = { bucket: 'cold', key: unknown }
  const answer = await create(true, inputs)
  assert.equal(answer.getId(), '')
  const { value, unknowns } = decode(answer.getProperties())
  assert.deepEqual([value, unknowns], [inputs, [['key']]])
})

test('whatever would change something is refused with a sentence', async () => {
  for (const [method, request] of [
    ['create', undefined],
    ['update', new proto.UpdateRequest()],
    ['delete', new proto.DeleteRequest()],
  ] as const)
    await assert.rejects(request ? ask(method, request) : create(false, {}), ({ details }: { details: string }) =>
      /^pulumi-resource-aws is Neurodefender's stand-in and only previews: it cannot \w+ resources\./.test(details),
    )
})

test('what is read by its id answers as in a recorded graph', async () => {
  const request = new proto.ReadRequest()
  request.setId('istio-system/token')
  request.setUrn('urn:pulumi:prod-links::neurodefender::nd:Links$kubernetes:core/v1:Secret::token')
  const answer = await ask<proto.ReadResponse>('read', request)
  assert.equal(answer.getId(), 'istio-system/token')
  assert.deepEqual(decode(answer.getProperties()).value.data, { token: 'dG9rZW4=' })
})

test('a difference is named by its property', async () => {
  const request = new proto.DiffRequest()
  request.setOldInputs(encode({ tags: { a: '1' }, same: [1] }))
  request.setNews(encode({ tags: { a: '2' }, same: [1] }))
  const answer = await ask<proto.DiffResponse>('diff', request)
  assert.equal(answer.getChanges(), proto.DiffResponse.DiffChanges.DIFF_SOME)
  assert.deepEqual(answer.getDiffsList(), ['tags'])
})

test('a data source answers as in a recorded graph, and one that nobody knows is an error', async () => {
  const request = new proto.InvokeRequest()
  request.setTok('aws:index/getCallerIdentity:getCallerIdentity')
  const answer = await ask<proto.InvokeResponse>('invoke', request)
  assert.equal(decode(answer.getReturn()).value.accountId, '123456789012')
  request.setTok('aws:ec2/getAmi:getAmi')
  await assert.rejects(ask('invoke', request), ({ details }: { details: string }) => /getAmi/.test(details))
})

test('what it does not have is not implemented, which the engine understands', async () => {
  await assert.rejects(ask('handshake', undefined), ({ code }: { code: number }) => code === 12)
})
