import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, TopicToCreate } from '../../common/bus/bus.ts'
import type { Log } from '../../common/log/log.ts'
import { planTopics, TopicsError } from './plan.ts'

export interface EnsureOptions {
  readonly admin: Admin
  readonly wanted: readonly TopicToCreate[]
  readonly log: Log
  /** How often to try while brokers do not answer. */
  readonly attempts: number
  readonly pauseMs: number
}

/**
 * Makes the topics what the policies say; doing it again changes nothing. Waits for as many brokers as there are to be replicas.
 * Throws TopicsError at once, any other error after the last attempt.
 */
export async function ensureTopics(options: EnsureOptions): Promise<void> {
  const { admin, wanted, log, attempts, pauseMs } = options
  for (let attempt = 1; ; attempt++) {
    try {
      await ensureOnce(admin, wanted, log)
      return
    } catch (error) {
      if (error instanceof TopicsError || attempt >= attempts) throw error
      log.warn('The brokers are not ready; trying again.', { error, attempt, attempts })
      await delay(pauseMs)
    }
  }
}

async function ensureOnce(admin: Admin, wanted: readonly TopicToCreate[], log: Log): Promise<void> {
  const brokers = await admin.brokers()
  const needed = Math.max(...wanted.map(({ replicas }) => replicas))
  if (brokers < needed)
    throw new Error(`${brokers} of the ${needed} brokers that the topics' replicas need have joined.`)
  const names = wanted.map(({ name }) => name)
  const plan = planTopics(wanted, await admin.describe(names))
  if (plan.create.length > 0) await admin.create(plan.create)
  for (const { name, config } of plan.configure) await admin.configure(name, config)
  // What stands now is judged, not what was sent: another run may have been first.
  const left = planTopics(wanted, await admin.describe(names))
  if (left.create.length + left.configure.length > 0) throw new Error('The brokers do not show the new topics yet.')
  log.info('The topics are as the policies say.', {
    created: plan.create.map(({ name }) => name),
    configured: plan.configure.map(({ name }) => name),
  })
}
