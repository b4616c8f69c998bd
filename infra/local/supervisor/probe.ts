import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Probe } from './plan.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** One GET with the given certificate. Rejects when there is no answer within `timeout` milliseconds. */
export function get(probe: Exclude<Probe, { kind: 'socket' }>, timeout = 2_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options =
      probe.kind === 'https'
        ? {
            ca: readFileSync(probe.ca),
            ...(probe.cert && probe.key ? { cert: readFileSync(probe.cert), key: readFileSync(probe.key) } : {}),
          }
        : {}
    const send = probe.kind === 'https' ? httpsRequest : httpRequest
    const request = send(probe.url, { ...options, agent: false, timeout }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', reject)
    request.end()
  })
}

/** Whether the component behind the probe is ready now. Never throws. */
export async function isReady(probe: Probe): Promise<boolean> {
  if (probe.kind === 'socket')
    return new Promise((resolve) => {
      const socket = connect(probe.path)
      const end = (ready: boolean) => {
        socket.destroy()
        resolve(ready)
      }
      socket.on('connect', () => end(true))
      socket.on('error', () => end(false))
    })
  try {
    const { status, body } = await get(probe)
    return status === 200 && (probe.kind !== 'https' || !probe.contains || body.includes(probe.contains))
  } catch {
    return false
  }
}
