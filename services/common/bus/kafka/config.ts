import type { EnvReader } from '../../config/reader.ts'
import type { Log } from '../../log/log.ts'
import type { TlsFiles } from '../../tls/material.ts'
import { mskTokens } from './msk.ts'
import type { KafkaOptions } from './options.ts'

/** Which brokers, and how they are told who calls. */
export interface KafkaConfig {
  /** The brokers to begin with, host:port. */
  readonly brokers: readonly string[]
  /** By the region's own certificates, or by a role of IAM (Amazon MSK). */
  readonly auth: 'tls' | 'iam'
}

/** What EKS Pod Identity puts into a pod whose service account has a role. */
const agentVariable = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'

/** ND_KAFKA_BROKERS, ND_KAFKA_AUTH (tls or iam). */
export function kafkaConfig(env: EnvReader): KafkaConfig {
  const brokers = env.addresses('ND_KAFKA_BROKERS')
  const auth = env.oneOf('ND_KAFKA_AUTH', ['tls', 'iam'], 'tls')
  if (auth === 'iam' && env.text(agentVariable, '') === '')
    env.problems.push(
      `ND_KAFKA_AUTH is 'iam', but ${agentVariable} is not set: give the pod's service account a role (EKS Pod Identity association).`,
    )
  return { brokers, auth }
}

export interface KafkaAccessOptions {
  readonly config: KafkaConfig
  readonly region: string
  readonly tls: TlsFiles
  readonly log: Log
}

/** How every client of a process reaches the brokers. */
export const kafkaAccess = ({
  config: { brokers, auth },
  region,
  tls,
  log,
}: KafkaAccessOptions): Omit<KafkaOptions, 'clientId'> => ({
  brokers,
  tls,
  log,
  tokens: auth === 'iam' ? mskTokens({ region, log }) : undefined,
})
