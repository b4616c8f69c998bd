import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtInModel } from './built-in.ts'

test('the built-in model is the flow classifier that the repository carries', () => {
  const carried = join(import.meta.dirname, '../../ngfw', 'ml-inference/models/flow-classifier/1/model.onnx')
  assert.equal(createHash('sha256').update(readFileSync(carried)).digest('hex'), builtInModel.sha256)
})
