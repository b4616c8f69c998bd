import type { AlertingPolicy } from '../../../../policies/model/alerting.ts'
import { milliseconds } from '../../../../policies/model/units.ts'
import type { Producer } from '../../../common/bus/bus.ts'
import { KafkaConsumer } from '../../../common/bus/kafka/consumer.ts'
import type { KafkaOptions } from '../../../common/bus/kafka/options.ts'
import type { EnvReader } from '../../../common/config/reader.ts'
import type { FileCounts } from '../../../common/files/watched-file.ts'
import type { Lifecycle } from '../../../common/lifecycle/lifecycle.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { Tracer } from '../../../common/tracing/tracer.ts'
import { webhookCounter } from '../metrics.ts'
import { guardedLookup, isPublicAddress } from './addresses.ts'
import { WebhookDispatcher } from './dispatcher.ts'
import { WebhookRegistry } from './registry.ts'

export interface WebhooksConfig {
  /** The registry of tenants, which names their webhooks. */
  readonly file: string
  /** Folder of the keys of signatures. */
  readonly secrets: string
  /** `any`: an operator lets tenants call into the operator's own network: a test bed, a bridge to a ticket system. */
  readonly targets: 'public' | 'any'
}

/** ND_TENANTS_FILE, ND_WEBHOOK_SECRETS_DIR, ND_WEBHOOK_TARGETS (public or any). */
export const webhooksConfig = (env: EnvReader): WebhooksConfig => ({
  file: env.text('ND_TENANTS_FILE', '/etc/neurodefender/tenants/tenants.json'),
  secrets: env.text('ND_WEBHOOK_SECRETS_DIR', '/etc/neurodefender/webhooks'),
  targets: env.oneOf('ND_WEBHOOK_TARGETS', ['public', 'any'], 'public'),
})

export interface WebhooksOptions {
  readonly config: WebhooksConfig
  readonly kafka: KafkaOptions
  /** For dead letters. */
  readonly producer: Pick<Producer, 'send'>
  readonly policy: Pick<AlertingPolicy, 'webhooks' | 'waiting'>
  readonly lifecycle: Lifecycle
  readonly fileCounts: FileCounts
  readonly metrics: Metrics
  readonly log: Log
  readonly tracer: Tracer
}

/** Sends what stands in `alerts` to the webhooks of its tenants, as one member of their group, until the process stops. */
export function startWebhooks({
  config,
  kafka,
  producer,
  policy,
  lifecycle,
  fileCounts,
  metrics,
  log,
  tracer,
}: WebhooksOptions): void {
  const { webhooks, waiting } = policy
  const allowed = (address: string): boolean => config.targets === 'any' || isPublicAddress(address)
  const registry = new WebhookRegistry({
    file: config.file,
    secrets: config.secrets,
    rules: { allowed, ports: (port) => config.targets === 'any' || port === 443 },
    log,
    counts: fileCounts,
  })
  lifecycle.onStop('webhook registry', () => registry.close())
  const dispatcher: WebhookDispatcher = new WebhookDispatcher({
    consumer: new KafkaConsumer({ ...kafka, group: 'correlation-engine.webhooks', topic: 'alerts' }),
    producer,
    registry,
    deliver: { timeoutMs: milliseconds(webhooks.timeout), lookup: guardedLookup(allowed) },
    limits: { queue: webhooks.queue, concurrency: webhooks.concurrency, giveUpMs: milliseconds(webhooks.giveUp) },
    mostOpen: waiting,
    counted: webhookCounter(metrics, () => dispatcher.depth),
    log,
    tracer,
  })
  lifecycle.onStop('webhooks', () => dispatcher.stop())
  void dispatcher.start()
}
