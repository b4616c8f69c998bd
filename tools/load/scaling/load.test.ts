import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { until } from '../../../services/common/testing/processes.ts'
import { OpenLoad } from './load.ts'
import { rateFor } from './main.ts'
import { answeredIn } from './service.ts'

/** A server, and a load on it of so many requests a second over two connections. */
async function loadOn(t: TestContext, rate: number, answer: RequestListener): Promise<OpenLoad> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const request = Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  return new OpenLoad({ host: '127.0.0.1', port, request, connections: 2, rate })
}

const well: RequestListener = (_, answer) => {
  answer.setHeader('content-length', 2).end('ok')
}

test('every request that was sent is answered or has failed', async (t) => {
  let asked = 0
  const load = await loadOn(t, 500, (request, answer) => {
    if (++asked % 10 === 0) answer.writeHead(503, { 'content-length': 0 }).end()
    else well(request, answer)
  })
  await load.start()
  await until('a hundred requests', () => asked >= 100)
  const { sent, answered, failed } = await load.stop()
  assert.equal(sent, asked)
  assert.equal(failed.status, Math.floor(asked / 10))
  assert.deepEqual([answered + failed.status, failed.broken], [sent, 0])
})

test('a connection that breaks costs its request, and another takes its place', async (t) => {
  let asked = 0
  const load = await loadOn(t, 500, (request, answer) => {
    // Both connections break, one after the other.
    if (++asked === 20 || asked === 40) request.socket.destroy()
    else well(request, answer)
  })
  await load.start()
  await until('requests after both', () => asked >= 100)
  const { sent, answered, failed } = await load.stop()
  assert.deepEqual(failed, { status: 0, broken: 2 })
  assert.equal(answered, sent - 2)
})

test('what a pod answered well is added up over models and versions', () => {
  const figures = [
    '# TYPE nd_inference_requests_total counter',
    'nd_inference_requests_total{model="a",version="1",outcome="ok"} 3',
    'nd_inference_requests_total{model="a",version="2",outcome="ok"} 4',
    'nd_inference_requests_total{model="a",version="2",outcome="overloaded"} 100',
    'nd_inference_requests_total_other{outcome="ok"} 100',
  ]
  assert.equal(answeredIn(figures.join('\n')), 7)
  assert.equal(answeredIn(''), 0)
})

test('a step needs just the pods that it is said to need, tolerance included', () => {
  for (let pods = 2; pods <= 10; pods++) {
    const rate = rateFor(pods, 100)
    assert.ok(rate <= pods * 100 && rate > (pods - 1) * 110, `${rate} for ${pods}`)
  }
  assert.equal(rateFor(20, 100), 2_000)
})
