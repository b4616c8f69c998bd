import assert from 'node:assert/strict'
import type { OtlpFields } from '../../../services/common/formats/event.ts'
import { OtlpError } from '../../../services/common/formats/otlp/any-value.ts'
import { findJsonRecords } from '../../../services/common/formats/otlp/json.ts'
import { findRecords } from '../../../services/common/formats/otlp/protobuf.ts'
import { recordEvent } from '../../../services/siem/event-collector/otlp/record-event.ts'
import type { Corpus } from '../mutate.ts'
import { bytes, jsonMarks, near, type Target } from './target.ts'

const text = (value: string) => JSON.stringify({ stringValue: value })
const logs = (...records: string[]) =>
  `{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[${records.join()}]}]}]}`
const corpus: Corpus = {
  seeds: [
    ...bytes(
      logs(
        `{"timeUnixNano":"1760000000123456789","severityNumber":9,"body":${text('hello')},"attributes":[{"key":"a","value":{"intValue":"5"}}]}`,
      ),
      logs(
        `{"body":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[${text('x')}]}}}]}}}`,
        '{"traceId":"0af7"}',
      ),
      '{"resourceLogs":[]}',
    ),
    // As OpenTelemetry's SDK writes them.
    Buffer.from(
      '0a91010a150a110a09686f73742e6e616d6512040a027731100012780a060a0173120131126e090100b0d4acc66c1810091a04494e464f2a070a0568656c6c6f32070a016112021805321d0a016212182a160a0218010a030a01780a0b32090a070a016b12021001380045010000004a100af7651916cd43dd8448eb211c80319c5208b7ad6b71692033315901ca9a3b000000000a84010a150a110a09686f73742e6e616d6512040a0277311000126b0a060a01731201311261090100b0d4acc66c1810091a04494e464f2a1b32190a170a016b12122a100a030a01780a0921000000000000e03f32070a016112021805321d0a016212182a160a0218010a030a01780a0b32090a070a016b1202100138005901ca9a3b00000000',
      'hex',
    ),
    Buffer.from(
      '0a600a150a110a09686f73742e6e616d6512040a027731100012470a060a0173120131123d090100b0d4acc66c1810091a04494e464f380045010000004a100af7651916cd43dd8448eb211c80319c5208b7ad6b71692033315901ca9a3b00000000',
      'hex',
    ),
  ],
  tokens: [
    ...jsonMarks,
    ...bytes(
      '\\"',
      '"resourceLogs":',
      '"scopeLogs":[',
      '"logRecords":[',
      '"body":',
      '"arrayValue":{"values":[',
      '"stringValue":"x"',
      'null',
      '1e400',
      '"timeUnixNano":"1"',
    ),
    ...['0a', '12', '2a', '32', '0a02', '3a00', 'ffffffffffffffffff01', '0b', '0c', '09', '08', '80', '2a0a0a08'].map(
      (hex) => Buffer.from(hex, 'hex'),
    ),
  ],
}

/** Both readers; what they find, they read or refuse by their own errors, and an event of it can be written. */
function records(input: Buffer): void {
  for (const encoding of ['protobuf', 'json'] as const) {
    let found: readonly { readonly bytes: Buffer; readonly read: () => OtlpFields }[] = []
    try {
      found = encoding === 'protobuf' ? findRecords(input) : findJsonRecords(input)
    } catch (error) {
      expected(error)
      continue
    }
    for (const { bytes: part, read } of found) {
      assert.ok(input.includes(part))
      if (encoding === 'json') JSON.parse(part.toString())
      try {
        const fields = read()
        JSON.parse(recordEvent(fields, { bytes: part, encoding }, near, { aheadMs: 1, behindMs: 1 }).bytes.toString())
      } catch (error) {
        expected(error)
      }
    }
  }
}

/** OtlpError, JSON's SyntaxError, and what protobufjs throws: RangeError for an early end, Error for a wire type that is none. */
function expected(error: unknown): void {
  if (error instanceof OtlpError || error instanceof SyntaxError) return
  assert.match(
    String(error),
    /^(RangeError: index out of range|Error: invalid (wire type|varint encoding)|Error: maximum nesting depth)/,
  )
}

/** Logs of OpenTelemetry. */
export const otlp: Target = { ...corpus, run: records }
