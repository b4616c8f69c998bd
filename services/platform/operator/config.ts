import { readFileSync } from 'node:fs'
import type { InferenceRegion } from '../../../policies/model/inference-region.ts'
import type { EnvReader } from '../../common/config/reader.ts'
import { prometheusConfig } from '../../common/prometheus/prometheus.ts'
import { accessConfig } from './api/access.ts'

/** The region as the stack wrote it: JSON in the file that ND_INFERENCE_REGION_FILE names. */
function regionFile(env: EnvReader): InferenceRegion {
  const name = 'ND_INFERENCE_REGION_FILE'
  const path = env.text(name, '/etc/neurodefender/config/region.json')
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InferenceRegion
  } catch (error) {
    const { code = 'no JSON' } = error as NodeJS.ErrnoException
    env.problems.push(`${name} names ${path}, which cannot be read (${code}).`)
    return {} as InferenceRegion
  }
}

export const operatorConfig = (env: EnvReader) => ({
  access: accessConfig(env),
  inference: regionFile(env),
  namespace: env.text('ND_NAMESPACE'),
  pod: env.text('ND_POD', 'operator'),
  prometheus: prometheusConfig(env),
})
