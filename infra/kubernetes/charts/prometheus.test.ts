import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { chartScope } from '../context.ts'
import { cloudContext } from '../test/context.ts'
import { prometheusConfiguration } from './prometheus.ts'

interface Relabel {
  readonly source_labels?: readonly string[]
  readonly regex?: string
  readonly target_label?: string
}

test('what a machine tells of its GPU is of the MLInference whose pod uses it', () => {
  const { scrape_configs } = JSON.parse(prometheusConfiguration(chartScope('prod', cloudContext, policies))) as {
    scrape_configs: readonly { job_name: string; metric_relabel_configs?: readonly Relabel[] }[]
  }
  const relabels = scrape_configs.find(({ job_name }) => job_name === 'ml-inference-gpu')?.metric_relabel_configs ?? []
  const rule = relabels.find(({ target_label }) => target_label === 'inference')
  assert.deepEqual(rule?.source_labels, ['pod'])
  // Prometheus' expressions are anchored, and an empty replacement is the first group.
  const of = (pod: string) => new RegExp(`^(?:${rule?.regex})$`).exec(pod)?.[1]
  assert.equal(of('threat-detection-stable-6d4cf56db6-x7k2p'), 'threat-detection')
  assert.equal(of('threat-detection-canary-6d4cf56db6-x7k2p'), 'threat-detection')
  assert.equal(of('a-stable-stable-6d4cf56db6-x7k2p'), 'a-stable')
  assert.equal(of('something-else-6d4cf56db6-x7k2p'), undefined)
})
