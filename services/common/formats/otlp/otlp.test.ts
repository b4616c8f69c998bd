import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import fc from 'fast-check'
import { findJsonRecords } from './json.ts'
import { exportResponse, findRecords, status } from './protobuf.ts'

/** Records as OpenTelemetry's own SDK writes them: the other side, which nobody here wrote. */
const resource = {
  attributes: { 'host.name': 'web-1', 'service.name': 'shop', 'process.pid': 42 },
  asyncAttributesPending: false,
}
const scope = { name: 'logger', version: '1.2', attributes: {} }
const record = (more: Record<string, unknown> = {}) => ({
  hrTime: [1_760_000_000, 123_456_789],
  hrTimeObserved: [1_760_000_001, 5],
  severityNumber: 17,
  severityText: 'ERROR',
  body: 'it failed',
  eventName: 'shop.failed',
  attributes: {
    user: 'eve',
    n: 7,
    big: 2 ** 60,
    half: 0.5,
    yes: true,
    list: ['a', 1, false],
    map: { deep: { er: 'x' } },
  },
  droppedAttributesCount: 3,
  spanContext: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
  resource,
  instrumentationScope: scope,
  ...more,
})
type Records = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0]
const protobuf = (...records: unknown[]) => Buffer.from(ProtobufLogsSerializer.serializeRequest(records as Records)!)
const json = (...records: unknown[]) => Buffer.from(JsonLogsSerializer.serializeRequest(records as Records)!)
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

const expected = {
  resource: { 'host.name': 'web-1', 'service.name': 'shop', 'process.pid': 42 },
  time_unix_nano: '1760000000123456789',
  observed_time_unix_nano: '1760000001000000005',
  severity_number: 17,
  severity_text: 'ERROR',
  body: 'it failed',
  attributes: { user: 'eve', n: 7, half: 0.5, yes: true, list: ['a', 1, false], map: { deep: { er: 'x' } } },
  dropped_attributes_count: 3,
  flags: 1,
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: 'b7ad6b7169203331',
  event_name: 'shop.failed',
}

test('what OpenTelemetry’s SDK writes is read, in both encodings, every field', () => {
  for (const found of [findRecords(protobuf(record())), findJsonRecords(json(record()))]) {
    assert.equal(found.length, 1)
    const { scope: from, attributes, ...fields } = plain(found[0]!.read())
    const { big, ...others } = attributes
    assert.deepEqual({ ...fields, attributes: others }, expected)
    assert.equal(Number(big), 2 ** 60)
    assert.deepEqual([from.name, from.version], ['logger', '1.2'])
  }
})

test('records keep their order, resource and scope', () => {
  const other = { ...resource, attributes: { 'host.name': 'web-2' } }
  const records = [record({ body: '1' }), record({ body: '2' }), record({ body: '3', resource: other })]
  for (const found of [findRecords(protobuf(...records)), findJsonRecords(json(...records))])
    assert.deepEqual(
      found.map(({ read }) => [read().body, read().resource['host.name']]),
      [
        ['1', 'web-1'],
        ['2', 'web-1'],
        ['3', 'web-2'],
      ],
    )
})

test('a record’s bytes are those of the request', () => {
  const request =
    '{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[ {"logRecords" : [ {"body":{"stringValue":"a ] \\" }"} } ,{"timeUnixNano":"5"}]}]}]}'
  assert.deepEqual(
    findJsonRecords(Buffer.from(request)).map(({ bytes }) => bytes.toString()),
    ['{"body":{"stringValue":"a ] \\" }"} }', '{"timeUnixNano":"5"}'],
  )
  const [first] = findRecords(protobuf(record()))
  assert.ok(protobuf(record()).includes(first!.bytes))
})

test('all kinds of values', () => {
  const values = {
    a: { intValue: '-9223372036854775808' },
    b: { intValue: 5 },
    c: { doubleValue: 'NaN' },
    d: { bytesValue: 'AAE=' },
    e: {},
    f: null,
    g: { arrayValue: {} },
    h: { kvlistValue: { values: [{ key: '__proto__', value: { boolValue: false } }] } },
  }
  const attributes = Object.entries(values).map(([key, value]) => ({ key, value }))
  const [one] = findJsonRecords(
    Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] })),
  )
  assert.equal(
    JSON.stringify(one!.read().attributes),
    '{"a":"-9223372036854775808","b":5,"c":"NaN","d":"AAE=","e":null,"f":null,"g":[],"h":{"__proto__":false}}',
  )
  const [two] = findRecords(
    protobuf(record({ attributes: { bytes: new Uint8Array([0, 1]), min: -(2 ** 40), nothing: null } })),
  )
  assert.equal(JSON.stringify(two!.read().attributes), '{"bytes":"AAE=","min":-1099511627776,"nothing":null}')
})

test('empty requests have no records', () => {
  assert.deepEqual(findRecords(Buffer.alloc(0)), [])
  for (const text of [
    '{}',
    '{"resourceLogs":null}',
    '{"resourceLogs":[]}',
    '{"resourceLogs":[{}]}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}',
  ])
    assert.deepEqual(findJsonRecords(Buffer.from(text)), [], text)
})

test('a request that is none is refused; a record that is none only when it is read', () => {
  for (const text of [
    '',
    '[]',
    '{',
    '{"resourceLogs":{}}',
    '{"resourceLogs":[1]}',
    '{"resourceLogs":[{"scopeLogs":[[]]}]}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}',
  ])
    assert.throws(() => findJsonRecords(Buffer.from(text)), text)
  for (const bytes of [
    [0x0a],
    [0x0a, 0x05, 0x01],
    [0xff],
    [0x00, 0x01],
    [0x0f, 0x01],
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  ])
    assert.throws(() => findRecords(Buffer.from(bytes)), bytes.join())
  const bad = [
    '1',
    '"x"',
    '{"timeUnixNano":"x"}',
    '{"severityNumber":1.5}',
    '{"traceId":"zz"}',
    '{"attributes":{}}',
    '{"attributes":[1]}',
    '{"severityText":1}',
    '{"body":"text"}',
    '{"body":{"arrayValue":[]}}',
  ]
  const request = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${bad.join()},{"severityText":"ok"}]}]}]}`)
  const found = findJsonRecords(request)
  for (const [i, text] of bad.entries()) assert.throws(() => found[i]!.read(), { code: 'MALFORMED_RECORD' }, text)
  assert.equal(found.at(-1)!.read().severity_text, 'ok')
})

test('nesting is bounded, however deep it is sent', () => {
  const nest = (depth: number): unknown =>
    depth === 0 ? { stringValue: 'x' } : { arrayValue: { values: [nest(depth - 1)] } }
  const of = (depth: number) =>
    findJsonRecords(
      Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: nest(depth) }] }] }] })),
    )[0]!
  assert.ok(of(32).read())
  assert.throws(() => of(33).read(), /nest deeper than 32/)
  const wrap = (depth: number): unknown => (depth === 0 ? 'x' : [wrap(depth - 1)])
  assert.ok(findRecords(protobuf(record({ body: wrap(32) })))[0]!.read())
  assert.throws(() => findRecords(protobuf(record({ body: wrap(33) })))[0]!.read(), /nest deeper than 32/)
})

test('law: a request that breaks off never gives a record that was not sent', () => {
  const whole = protobuf(record(), record({ body: 'second' }))
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (length) => {
      try {
        for (const { read } of findRecords(whole.subarray(0, length))) read()
      } catch {
        return
      }
      assert.equal(length, 0)
    }),
  )
})

test('answers are the messages that OTLP has for them', () => {
  assert.equal(exportResponse(0, '').length, 0)
  assert.deepEqual(ProtobufLogsSerializer.deserializeResponse(exportResponse(3, 'no')), {
    partialSuccess: { rejectedLogRecords: 3, errorMessage: 'no' },
  })
  assert.equal(status(8, 'slow').toString('hex'), '08081204736c6f77')
})
