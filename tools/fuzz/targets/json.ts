import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { scanJson } from '../../../services/siem/event-collector/json.ts'
import type { Corpus } from '../mutate.ts'
import { bytes, jsonMarks, type Target } from './target.ts'

const corpus: Corpus = {
  seeds: bytes(
    '{"a":1,"b":[true,false,null,-1.5e+3],"c":{"d":"e\\u0041\\n"}}',
    ' { "@timestamp" : "2026-10-20T12:00:00Z" } ',
    '[{},[],""]',
    '{"":{"":{"":0}}}',
  ),
  tokens: [
    ...jsonMarks,
    ...bytes(
      '\\',
      '\\u',
      '\\u00',
      '\\"',
      '0',
      '-',
      '.',
      'e',
      'E+',
      'true',
      'null',
      'false',
      ' ',
      '\n',
      '"a":',
      '{"a":',
      '[[[',
    ),
  ],
}

/** The collector's scan says what JSON.parse says. */
function scanned(input: Buffer): void {
  if (!isUtf8(input)) return
  let expected: 'object' | 'value' | undefined
  try {
    const value: unknown = JSON.parse(input.toString())
    expected = typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : 'value'
  } catch {
    // No JSON.
  }
  assert.equal(scanJson(input, 0, input.length), expected)
}

/** Lines of JSON. */
export const json: Target = { ...corpus, run: scanned }
