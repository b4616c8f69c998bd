import { environments } from '../../../policies/environments.ts'
import { KafkaAdmin } from '../../common/bus/kafka/admin.ts'
import { brokersConfig, processConfig } from '../../common/config/process.ts'
import { readConfig } from '../../common/config/reader.ts'
import { createLog } from '../../common/log/log.ts'
import { TlsFiles } from '../../common/tls/material.ts'
import { ensureTopics } from './ensure.ts'
import { wantedTopics } from './plan.ts'

/** Two minutes and what the attempts themselves take: brokers start in less, and the Job is started again after a failure. */
const attempts = 60
const pauseMs = 2_000

let log = createLog({ level: 'info', fields: { service: 'topics' } })
try {
  const config = readConfig(process.env, (env) => ({ ...processConfig(env), brokers: brokersConfig(env) }))
  log = createLog({ level: config.logLevel, fields: { service: 'topics', region: config.region } })
  const tls = new TlsFiles(config.tlsDir, log)
  const admin = new KafkaAdmin({ brokers: config.brokers, tls, clientId: 'topics', log })
  try {
    await ensureTopics({ admin, wanted: wantedTopics(environments[config.environment]), log, attempts, pauseMs })
  } finally {
    await admin.close()
    tls.close()
  }
} catch (error) {
  log.error('The topics are not as the policies say.', { error })
  process.exitCode = 1
}
