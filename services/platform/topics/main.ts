import { type CloudEnvironment, cloud } from '../../../policies/cloud.ts'
import { environments } from '../../../policies/environments.ts'
import { milliseconds } from '../../../policies/model/units.ts'
import { services } from '../../../policies/services.ts'
import { KafkaAdmin } from '../../common/bus/kafka/admin.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { processConfig } from '../../common/config/process.ts'
import { readConfig } from '../../common/config/reader.ts'
import { createLog } from '../../common/log/log.ts'
import { TlsFiles } from '../../common/tls/material.ts'
import { ensureTopics } from './ensure.ts'
import { wantedTopics } from './plan.ts'

const pauseMs = 2_000
/** What the attempts themselves take comes on top; after that the Job is started again. */
const attempts = Math.ceil(milliseconds(services.topics.startup) / pauseMs)

let log = createLog({ level: 'info', fields: { service: 'topics' } })
try {
  const config = readConfig(process.env, (env) => ({ ...processConfig(env), kafka: kafkaConfig(env) }))
  log = createLog({ level: config.logLevel, fields: { service: 'topics', region: config.region } })
  const tls = new TlsFiles(config.tlsDir, log)
  const admin = new KafkaAdmin({
    ...kafkaAccess({ config: config.kafka, region: config.region, tls, log }),
    clientId: 'topics',
  })
  try {
    const { environment } = config
    const { kafka } = environments[environment]
    const inCloud = Object.hasOwn(cloud, environment) ? cloud[environment as CloudEnvironment] : undefined
    const localRetentionMs = inCloud && milliseconds(inCloud.kafka.localRetention)
    await ensureTopics({ admin, wanted: wantedTopics({ kafka }, localRetentionMs), log, attempts, pauseMs })
  } finally {
    await admin.close()
    tls.close()
  }
} catch (error) {
  log.error('The topics are not as the policies say.', { error })
  process.exitCode = 1
}
