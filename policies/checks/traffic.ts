import type { Policies } from '../bundle.ts'
import type { CallPolicy, RequestPolicy } from '../model/traffic.ts'
import { type Duration, milliseconds } from '../model/units.ts'
import { type Broken, type Check, isCount, unless } from './check.ts'

const whole = 'must be a whole number from 1.'

/** How long a service itself may work on one request before it gives up: who waits less never hears of it. */
const ownTimeouts = ({ objectives }: Policies): Readonly<Record<string, readonly [Duration, string]>> => ({
  'event-collector': [objectives.ingest.ackTimeout, 'objectives.ingest.ackTimeout'],
  analytics: [objectives.query.timeout, 'objectives.query.timeout'],
})

function patience(path: string, service: string, { timeout, retries }: RequestPolicy, policies: Policies): Broken[] {
  const [own, where] = ownTimeouts(policies)[service] ?? []
  const [one, limit] = retries ? ([retries.perTry, 'retries.perTry'] as const) : ([timeout, 'timeout'] as const)
  return [
    ...(retries ? tries(path, timeout, retries) : []),
    ...unless(
      own === undefined || milliseconds(one) > milliseconds(own),
      `${path}.${limit}`,
      one,
      `must be longer than ${where} (${own}), after which the service answers by itself.`,
    ),
  ]
}

function tries(path: string, timeout: Duration, { attempts, perTry }: NonNullable<RequestPolicy['retries']>): Broken[] {
  return [
    ...unless(
      isCount(attempts) && attempts > 1,
      `${path}.retries.attempts`,
      attempts,
      'must be a whole number from 2: without retries a call is tried once.',
    ),
    ...unless(
      milliseconds(timeout) >= attempts * milliseconds(perTry),
      `${path}.timeout`,
      timeout,
      `must be at least ${attempts} times ${perTry}, or the last try is cut off.`,
    ),
  ]
}

/**
 * What proxies see: requests at an entry, whose program leaves TLS to them, and those of the service with a canary, whose operator sees to it
 * that they do.
 */
function protocol(path: string, service: string, { protocol }: CallPolicy, { services, traffic }: Policies): Broken[] {
  const node = services[service]
  if (!node) return []
  const hidden = node.entry === undefined && service !== traffic.canary.service
  return [
    ...unless(
      protocol === 'tls' || !hidden,
      `${path}.protocol`,
      protocol,
      `must be 'tls': services.${service} has no entry, so proxies see none of its requests and could keep no timeout.`,
    ),
    ...unless(
      protocol === 'http' || node.entry === undefined,
      `${path}.protocol`,
      protocol,
      `must be 'http': services.${service} has an entry, whose requests the gateway must see.`,
    ),
  ]
}

/** Environments whose regions share the pods of a service that one of them calls: all but entries, whose region DNS chooses. */
function shared(service: string, { environments, regions, services }: Policies): [string, number][] {
  if (services[service]?.entry !== undefined) return []
  return Object.entries(environments).flatMap(([name, environment]): [string, number][] => {
    const count = environment.regions.filter((region) => regions[region]?.cloud).length
    return count > 1 ? [[name, count]] : []
  })
}

function sickPods(path: string, service: string, { outlier }: CallPolicy, policies: Policies): Broken[] {
  const { errors, interval, ejection, mostEjected } = outlier
  return [
    ...unless(isCount(errors), `${path}.errors`, errors, whole),
    ...unless(
      milliseconds(ejection) >= milliseconds(interval),
      `${path}.ejection`,
      ejection,
      `must be at least the time between two looks (${interval}), or a pod is back before anyone has looked again.`,
    ),
    ...unless(mostEjected < 1, `${path}.mostEjected`, mostEjected, 'must be below 1: some pod must be left to call.'),
    ...shared(service, policies).flatMap(([environment, count]) =>
      unless(
        mostEjected >= 1 / count,
        `${path}.mostEjected`,
        mostEjected,
        `must be at least 1/${count}, the share of one of the ${count} regions of ${environment}: else its sick pods are called while another region is well.`,
        environment,
      ),
    ),
  ]
}

function call(service: string, policy: CallPolicy, policies: Policies): Broken[] {
  const path = `traffic.calls.${service}`
  const { most, pending } = policy.connections
  return [
    ...unless(
      policies.services[service] !== undefined,
      path,
      service,
      `must be a service: ${Object.keys(policies.services).join(', ')}.`,
    ),
    ...protocol(path, service, policy, policies),
    ...(policy.protocol === 'http' ? patience(path, service, policy, policies) : []),
    ...unless(isCount(most), `${path}.connections.most`, most, whole),
    ...unless(
      isCount(pending) && pending <= most,
      `${path}.connections.pending`,
      pending,
      `must be a whole number up to ${most}: more than can be served at once would wait for nothing.`,
    ),
    ...sickPods(`${path}.outlier`, service, policy, policies),
  ]
}

function canary(policies: Policies): Broken[] {
  const { service, stableWeight, canaryWeight } = policies.traffic.canary
  const { calls } = policies.traffic
  const path = 'traffic.canary'
  return [
    ...unless(
      calls[service] !== undefined,
      `${path}.service`,
      service,
      `must be in traffic.calls: ${Object.keys(calls).join(', ')}.`,
    ),
    ...unless(isCount(canaryWeight), `${path}.canaryWeight`, canaryWeight, whole),
    ...unless(
      isCount(stableWeight) && stableWeight + canaryWeight === 100,
      `${path}.stableWeight`,
      stableWeight,
      `must be a whole number that makes 100 with canaryWeight (${canaryWeight}).`,
    ),
    ...walk(path, policies),
    ...judged(`${path}.judged`, policies.traffic.canary),
  ]
}

/** Shares that grow to the whole, time for all of them, and pods that end when nobody waits for an answer of theirs. */
function walk(path: string, { traffic: { canary, calls }, objectives }: Policies): Broken[] {
  const { canaryWeight, further, interval, deadline, drain, minPods, service } = canary
  const steps = [canaryWeight, ...further]
  const call = calls[service]
  const scrapes = 2 * milliseconds(objectives.monitoring.scrapeInterval)
  return [
    ...unless(
      steps.every((step, i) => isCount(step) && step > (steps[i - 1] ?? 0)) && steps.at(-1) === 100,
      `${path}.further`,
      further.join(', '),
      `must be whole numbers that grow from canaryWeight (${canaryWeight}) to 100.`,
    ),
    ...unless(
      milliseconds(interval) >= scrapes,
      `${path}.interval`,
      interval,
      `must be at least ${scrapes / 1_000}s, two scrapes: before that nothing is known of a share.`,
    ),
    ...unless(
      milliseconds(deadline) > steps.length * milliseconds(interval),
      `${path}.deadline`,
      deadline,
      `must be longer than ${steps.length} times ${interval}, or no candidate ever takes over.`,
    ),
    ...(call?.protocol === 'http'
      ? unless(
          milliseconds(drain) > milliseconds(call.timeout),
          `${path}.drain`,
          drain,
          `must be longer than traffic.calls.${service}.timeout (${call.timeout}): until then a caller may wait for an answer.`,
        )
      : []),
    ...unless(
      isCount(minPods) && minPods > 1,
      `${path}.minPods`,
      minPods,
      'must be a whole number from 2: of one pod that goes, nobody is left to answer.',
    ),
  ]
}

function judged(path: string, { judged }: Policies['traffic']['canary']): Broken[] {
  const share = 'must be a share below 1.'
  return [
    ...unless(isCount(judged.minRequests), `${path}.minRequests`, judged.minRequests, whole),
    ...(['maxErrorIncrease', 'slowShare'] as const).flatMap((name) =>
      unless(judged[name] < 1, `${path}.${name}`, judged[name], share),
    ),
    ...unless(
      judged.confidence > 0.5 && judged.confidence < 1,
      `${path}.confidence`,
      judged.confidence,
      'must be above 0.5 and below 1: a coin knows as much as the first, and nothing is as sure as the second.',
    ),
  ]
}

export const traffic: Check = {
  rule: 'traffic',
  purpose: 'a caller that waits too little, or calls what is sick, turns one slow pod into an outage',
  find: (policies) => [
    ...Object.entries(policies.traffic.calls).flatMap(([service, policy]) => call(service, policy, policies)),
    ...canary(policies),
  ],
}
