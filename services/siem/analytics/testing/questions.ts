import fc from 'fast-check'
import { kinds, operators } from '../fields.ts'
import { sources } from '../sources.ts'

const { fields, groups } = sources.events

/** Texts that have broken somebody's SQL, and any others. */
const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "' OR 1=1 --",
    "acme' OR tenant != 'acme",
    "\\'; DROP TABLE siem.events; --",
    '{tenant:String}',
    "{p0:String} OR tenant = 'globex'",
    'globex',
    '*/ OR 1 /*',
    '`tenant`',
    ') OR (1',
    '\0\n\r\t\b\f\\',
    '%_\\%',
    'ü€😀',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
)

const instant = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2299-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const identity = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9._:-]{1,40}$/), fc.nat())
  .map(([batch, line]) => `acme/${batch}/${line}`)

const word = fc.constantFrom('text', 'OR', 'host', '4600', 'Security', 'ü€')
const oneValue = {
  text: nastyText,
  name: nastyText,
  search: nastyText,
  texts: nastyText,
  number: fc.integer({ min: -5, max: 400 }),
  identity,
  instant,
  tenant: fc.constant('acme'),
} as const

/** Conditions that are in order. */
export const condition: fc.Arbitrary<object> = fc.constantFrom(...Object.entries(fields)).chain(([field, { kind }]) =>
  fc.constantFrom<string>(...kinds[kind]).chain((op) => {
    const one: fc.Arbitrary<unknown> = op === 'word' ? word : oneValue[kind]
    return fc.record({
      field: fc.constant(field),
      op: fc.constant(op),
      value: op === 'in' ? fc.array(one, { minLength: 1, maxLength: 4 }) : one,
    })
  }),
)

const bucket = fc.tuple(fc.integer({ min: 1, max: 366 }), fc.constantFrom('s', 'm', 'h', 'd')).map(([n, unit]) => ({
  bucket: `${n}${unit}`,
}))

/** Questions of the tenant 'acme' that are in order. */
export const question: fc.Arbitrary<object> = fc.record(
  {
    aggregate: fc.constantFrom<unknown>(
      'count',
      'uniq_id',
      { uniq: 'host' },
      { min: 'size' },
      { max: 'delay' },
      { sum: 'size' },
      { avg: 'size' },
    ),
    filter: fc.array(condition, { maxLength: 5 }),
    from: instant.filter((at) => at < '2100'),
    to: fc.constant('2299-12-31T00:00:00Z'),
    timeField: fc.constantFrom('time', 'arrival'),
    groupBy: fc
      .tuple(fc.subarray([...groups], { maxLength: 2 }), fc.option(bucket))
      .map(([names, span]) => [...(span ? [span] : []), ...names]),
    limit: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: [] },
)

/** Anything that JSON can say, often in the words of a question. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      aggregate: fc.jsonValue({ maxDepth: 1 }),
      filter: fc.array(
        fc.record(
          {
            field: fc.oneof(fc.constantFrom(...Object.keys(fields)), nastyText),
            op: fc.oneof(fc.constantFrom(...Object.keys(operators)), nastyText),
            value: fc.oneof(nastyText, identity, instant, fc.jsonValue({ maxDepth: 1 })),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      ),
      from: fc.oneof(instant, nastyText),
      groupBy: fc.oneof(fc.array(fc.oneof(nastyText, bucket, fc.constantFrom(...groups))), fc.jsonValue()),
      limit: fc.oneof(fc.integer(), fc.double(), nastyText),
    },
    { requiredKeys: [] },
  ),
)
