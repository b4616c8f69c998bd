import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { Connection, heartbeatV3, saslAuthenticateV1, saslHandshakeV1 } from '@platformatic/kafka'
import { Frames } from '../../../services/common/bus/kafka/wire/frames.ts'
import { Writer } from '../../../services/common/bus/kafka/wire/writer.ts'

/** What decision 14 rests on. When this fails after an update, the decision is to be looked at again. */
test('the peer sends other requests between the handshake and the token of a renewed session', async (t) => {
  const asked: number[] = []
  const answer = (api: number): Buffer => {
    if (api === saslHandshakeV1.api.key) return new Writer().int16(0).int32(0).bytes
    if (api === saslAuthenticateV1.api.key)
      return new Writer().int16(0).string(null).bytesField(Buffer.alloc(0)).int64(100n).bytes
    if (api === heartbeatV3.api.key) return new Writer().int32(0).int16(0).bytes
    // The versions of SaslAuthenticate, which it asks for first.
    return new Writer().int16(0).int32(1).int16(saslAuthenticateV1.api.key).int16(0).int16(1).int32(0).bytes
  }
  const broker = createServer((socket) => {
    const frames = new Frames((frame) => {
      const api = frame.readInt16BE(0)
      const body = answer(api)
      asked.push(api)
      setTimeout(
        () =>
          socket.write(
            new Writer()
              .int32(4 + body.length)
              .raw(frame.subarray(4, 8))
              .raw(body).bytes,
          ),
        1,
      )
    })
    socket.on('data', (chunk: Buffer) => frames.push(chunk))
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const connection = new Connection('test', { sasl: { mechanism: 'OAUTHBEARER', token: 'x' } })
  connection.on('error', () => {})
  t.after(() => {
    broker.close()
    connection.socket.destroy()
  })
  await connection.connect('127.0.0.1', (broker.address() as AddressInfo).port)
  const broken = () =>
    asked.filter((api, i) => api === saslHandshakeV1.api.key && (asked[i + 1] ?? 36) !== saslAuthenticateV1.api.key)
      .length
  const busy = async () => {
    while (broken() === 0) await heartbeatV3.api.async(connection, 'g', 1, 'm', null)
  }
  await Promise.all([busy(), busy()])
  assert.ok(broken() > 0)
})
