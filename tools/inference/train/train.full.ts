import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { carried, type Metadata, train } from './main.ts'

test('training anew makes the carried models: same metrics, same predictions', async () => {
  const out = mkdtempSync(join(tmpdir(), 'inference-train-'))
  try {
    const made = await train(out)
    assert.equal(made.length, 2)
    for (const fresh of made) {
      const file = join(carried, fresh.name, fresh.version, 'model.json')
      const committed = JSON.parse(readFileSync(file, 'utf8')) as Metadata
      assert.deepEqual(
        [fresh.metrics, fresh.examples.label, fresh.features, fresh.bytes],
        [committed.metrics, committed.examples.label, committed.features, committed.bytes],
      )
      assert.equal(fresh.metrics.labelsThatExportMoved, 0)
      // Bytes may differ in the last digit of a leaf between processors; what they predict may not by more than that.
      for (const [at, row] of fresh.examples.probabilities.entries())
        assert.ok(Math.abs(row[1]! - committed.examples.probabilities[at]![1]!) < 1e-5)
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})
