import { milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { traffic } from '../../../policies/traffic.ts'
import { boot } from '../../common/process/boot.ts'
import { Client } from './api/client.ts'
import { systemClock } from './api/clock.ts'
import { identityOf } from './api/lease.ts'
import { HttpsTransport } from './api/transport.ts'
import { canary } from './canary/canary.ts'
import { operatorConfig } from './config.ts'
import { Operator } from './operator.ts'

await boot('operator', operatorConfig, async ({ config, log, metrics, lifecycle, tls }) => {
  const transport = new HttpsTransport(config.access)
  lifecycle.onStop('connections', () => transport.close())
  const operator = new Operator({
    api: new Client(transport),
    region: config.inference,
    namespace: config.namespace,
    identity: identityOf(config.pod),
    clock: systemClock,
    log,
    metrics,
    canary: canary({
      policy: traffic.canary,
      prometheus: { config: config.prometheus, tls },
      scrapeMs: milliseconds(objectives.monitoring.scrapeInterval),
      metrics,
    }),
  })
  lifecycle.onStop('operator', () => operator.stop())
  lifecycle.check('watches', () => operator.problem())
  await operator.start()
})
