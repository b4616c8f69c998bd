import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { carried, type Metadata } from '../train/main.ts'

/** The carried flow classifier, one version of it. */
export interface Classifier extends Metadata {
  readonly file: string
}

export function classifier(version: string): Classifier {
  const folder = join(carried, 'flow-classifier', version)
  const metadata = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Metadata
  return { ...metadata, file: join(folder, 'model.onnx') }
}

/** `rows` flows, the recorded ones over and over. */
export const flowsOf = ({ examples }: Classifier, rows: number): readonly (readonly number[])[] =>
  Array.from({ length: rows }, (_, at) => examples.flows[at % examples.flows.length]!)

const http = (path: string, headers: readonly string[], body: Buffer): Buffer => {
  const head = [`POST /${path} HTTP/1.1`, 'host: localhost', ...headers, `content-length: ${body.length}`]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

/** A whole HTTP request for the classifier with its flows in JSON, as every server takes it. */
export function jsonRequest(model: Classifier, rows: number): Buffer {
  const flows = flowsOf(model, rows)
  const inputs = [{ name: 'flows', datatype: 'FP32', shape: [rows, model.features.length], data: flows.flat() }]
  return http(
    `v2/models/${model.name}/infer`,
    ['content-type: application/json'],
    Buffer.from(JSON.stringify({ inputs })),
  )
}

/** The same with the binary tensor extension, both ways. */
export function binaryRequest(model: Classifier, rows: number): Buffer {
  const data = Buffer.from(Float32Array.from(flowsOf(model, rows).flat()).buffer)
  const shape = [rows, model.features.length]
  const inputs = [{ name: 'flows', datatype: 'FP32', shape, parameters: { binary_data_size: data.length } }]
  const json = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }))
  const headers = ['content-type: application/octet-stream', `inference-header-content-length: ${json.length}`]
  return http(`v2/models/${model.name}/infer`, headers, Buffer.concat([json, data]))
}
