import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { services } from '../../../policies/services.ts'
import { type Credentials, podCredentials } from '../../common/aws/credentials.ts'
import type { EnvReader } from '../../common/config/reader.ts'
import { modelListFile } from '../../common/inference/model-list.ts'
import type { ProviderChoice } from './engine/engine.ts'
import type { S3Access } from './serving/s3.ts'

export interface InferenceConfig {
  readonly modelsFile: string
  /** Folder for fetched models. */
  readonly cache: string
  readonly grpcPort: number
  /** Whether callers may load and unload models. */
  readonly control: boolean
  readonly provider: ProviderChoice
  readonly threads: number
  readonly s3: S3Access
  /** Name of the MLInference whose pod this is; '' where none made it. */
  readonly inference: string
}

const providers = ['auto', 'cpu', 'cuda'] as const satisfies readonly ProviderChoice[]

/** What this service is told beside what all are. */
export function inferenceConfig(env: EnvReader): InferenceConfig {
  const endpoint = env.text('ND_S3_ENDPOINT', 'none')
  return {
    modelsFile: env.text('ND_MODELS_FILE', modelListFile),
    cache: env.text('ND_MODEL_CACHE', '/data/models'),
    grpcPort: env.port('ND_GRPC_PORT', services['ml-inference'].ports.grpc),
    control: env.oneOf('ND_MODEL_CONTROL', ['none', 'explicit'], 'none') === 'explicit',
    provider: env.oneOf('ND_EXECUTION_PROVIDER', providers, 'auto'),
    inference: env.text('ND_INFERENCE', ''),
    threads: env.integer('ND_INFERENCE_THREADS', { min: 1, max: 256, fallback: availableParallelism() }),
    s3: {
      region: env.text('AWS_REGION', 'us-east-1'),
      endpoint: endpoint === 'none' ? undefined : env.url('ND_S3_ENDPOINT', ['https:', 'http:']),
      credentials: credentials(env.text('ND_S3_CREDENTIALS_FILE', 'none')),
    },
  }
}

/** Those of a file (for stores that are not AWS's), those of the pod's role where it has one, or none. */
function credentials(file: string): S3Access['credentials'] {
  if (file !== 'none') return async () => JSON.parse(readFileSync(file, 'utf8')) as Credentials
  return process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI === undefined ? undefined : podCredentials
}
