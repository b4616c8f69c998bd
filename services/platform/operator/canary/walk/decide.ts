import { isDeepStrictEqual } from 'node:util'
import type { CanaryStatus } from '../../../../../policies/model/ml-inference.ts'
import { modelId, over } from '../desired.ts'
import { judge, quantileMs, type SubsetFigures, type Verdict } from '../judge.ts'
import { fewestOfCanary, podsFor, type Seen, stableCarriesAll } from './seen.ts'

type Phase = CanaryStatus['phase']
type Outcome = NonNullable<CanaryStatus['outcome']>
type Change = Partial<CanaryStatus> & Pick<CanaryStatus, 'reason' | 'message'>

const at = (ms: number): string => new Date(ms).toISOString()
const pods = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`)

/**
 * Where the walk goes from here: the state that is to be written before anything is done about it. The same state (by ===) when nothing is new;
 * undefined when there is no candidate to speak of. Pure: what stands in the state and in `seen` is all it knows, so that whoever takes over from a
 * controller that was killed decides the same.
 */
export function decide(state: CanaryStatus | undefined, seen: Seen): CanaryStatus | undefined {
  if (!state) return begin(seen)
  if (over(state)) return afterwards(state, seen)
  const timed = clock(state, seen)
  const decided = ending(timed, seen) ?? standing(timed, seen) ?? step(timed, seen)
  const sized = { ...decided, pods: podsOf(decided, seen) }
  return isDeepStrictEqual(sized, state) ? state : sized
}

function begin(seen: Seen): CanaryStatus | undefined {
  const { candidate, stable, now, policy } = seen
  if (!candidate || modelId(candidate) === modelId(stable)) return undefined
  return {
    model: candidate,
    candidate: modelId(candidate),
    replaces: modelId(stable),
    phase: 'Scaling',
    stable: 'current',
    step: 0,
    weight: 0,
    pods: podsFor(policy.steps[0]!, seen),
    startedAt: at(now),
    since: at(now),
    deadline: at(now + policy.deadlineMs),
    // Of use when the first share is the whole: then nobody is left to compare with but those before.
    baseline: { from: at(now - policy.deadlineMs), to: at(now) },
    reason: 'Started',
    message: `Candidate ${candidate.version} gets its first pods.`,
  }
}

/** Of a walk that is over: it lasts until the spec speaks of another one. */
function afterwards(state: CanaryStatus, seen: Seen): CanaryStatus | undefined {
  const candidate = seen.candidate && modelId(seen.candidate)
  if (candidate !== state.candidate) return begin(seen)
  if (state.phase !== 'Promoted') return state
  const stable = modelId(seen.stable)
  if (stable === state.replaces) return state
  return stable === candidate ? undefined : begin(seen)
}

/** A pause stops the clock of the deadline. */
function clock(state: CanaryStatus, { now, policy }: Seen): CanaryStatus {
  const { pausedAt, ...rest } = state
  if (policy.paused) return pausedAt ? state : { ...state, pausedAt: at(now) }
  if (!pausedAt) return state
  return { ...rest, deadline: at(Date.parse(state.deadline) + now - Date.parse(pausedAt)) }
}

/** Why the walk goes no further, if it does not. */
function ending(state: CanaryStatus, seen: Seen): CanaryStatus | undefined {
  if (state.outcome) return undefined
  const wanted = seen.candidate && modelId(seen.candidate)
  if (wanted !== state.candidate)
    return back(state, seen, 'Aborted', {
      reason: wanted ? 'Superseded' : 'TakenAway',
      message: wanted
        ? `The spec has another candidate, ${seen.candidate?.version}: this one goes first.`
        : 'The spec has no candidate any more.',
    })
  const verdict = state.analysedFrom ? verdictOf(seen) : undefined
  if (verdict?.is === 'worse') return back(withFigures(state, seen), seen, 'RolledBack', verdict)
  if (seen.now < Date.parse(state.deadline) || seen.policy.paused) return undefined
  return back(state, seen, 'RolledBack', {
    reason: 'DeadlineExceeded',
    message: `It has not taken over by ${state.deadline}. Last: ${state.message}`,
  })
}

function verdictOf({ evidence, policy }: Seen): Verdict | undefined {
  return evidence.known ? judge(evidence.figures, { ...policy, steps: policy.steps.length }) : undefined
}

/** All callers go back to the stable pods, with the model that they had. */
const back = (
  state: CanaryStatus,
  seen: Seen,
  outcome: Outcome,
  why: Pick<Change, 'reason' | 'message'>,
): CanaryStatus =>
  enter(state, seen, 'Returning', { outcome, stable: 'current', weight: 0, reason: why.reason, message: why.message })

/** A share never stands on pods that are not there: it goes back to the stable ones until they are. */
function standing(state: CanaryStatus, seen: Seen): CanaryStatus | undefined {
  const { ready } = seen.pods.canary
  if (state.weight === 0 || ready >= fewestOfCanary(state.weight, seen)) return undefined
  if (!stableCarriesAll(seen)) return undefined
  const { analysedFrom, ...rest } = state
  const lost = {
    weight: 0,
    reason: 'PodsLost',
    message: `Of the candidate only ${pods(ready)} of ${podsFor(state.weight, seen)} answer: the stable pods get its callers until they do.`,
  }
  return state.phase === 'Promoting' ? { ...rest, ...lost } : enter(rest, seen, 'Scaling', lost)
}

function step(state: CanaryStatus, seen: Seen): CanaryStatus {
  switch (state.phase) {
    case 'Scaling':
      return scaling(state, seen)
    case 'Shifting':
      return shifting(state, seen)
    case 'Analysing':
      return analysing(state, seen)
    case 'Promoting':
      return promoting(state, seen)
    case 'Returning':
      return returning(state, seen)
    case 'Draining':
      return draining(state, seen)
    case 'Promoted':
    case 'RolledBack':
    case 'Aborted':
      return state
    default:
      return state.phase satisfies never
  }
}

/** The share that the present step is about. Steps may change in the middle: then it is the least that is no step back. */
function target(state: CanaryStatus, { policy: { steps } }: Seen): number {
  return steps[state.step] ?? 100
}

function scaling(state: CanaryStatus, seen: Seen): CanaryStatus {
  const weight = target(state, seen)
  const wanted = podsFor(weight, seen)
  const { ready, settledOn } = seen.pods.canary
  if (settledOn !== state.candidate || ready < wanted)
    return {
      ...state,
      reason: 'WaitingForPods',
      message: `${ready} of ${pods(wanted)} of the candidate are ready for ${weight}% of the callers.`,
    }
  if (seen.policy.paused)
    return {
      ...state,
      reason: 'Paused',
      message: `Paused before ${weight}%: set spec.canary.paused to false to go on.`,
    }
  const { analysedFrom, ...rest } = state
  const baseline = analysedFrom && state.weight > 0 ? { baseline: { from: analysedFrom, to: at(seen.now) } } : {}
  return enter(rest, seen, 'Shifting', {
    ...baseline,
    weight,
    reason: 'Shifting',
    message: `${weight}% of the callers go to the candidate: ${pods(ready)} are ready.`,
  })
}

function shifting(state: CanaryStatus, seen: Seen): CanaryStatus {
  if (seen.weight === undefined)
    return { ...state, reason: 'NoRoute', message: 'The mesh has no route whose callers could be shared.' }
  if (seen.weight !== state.weight) return state
  return enter(state, seen, 'Analysing', {
    analysedFrom: at(seen.now),
    reason: 'Analysing',
    message: `The mesh gives ${state.weight}% of the callers to the candidate.`,
  })
}

function analysing(state: CanaryStatus, seen: Seen): CanaryStatus {
  const { evidence, policy, now } = seen
  if (modelId(seen.stable) !== state.replaces)
    return {
      ...state,
      replaces: modelId(seen.stable),
      since: at(now),
      analysedFrom: at(now),
      reason: 'StableChanged',
      message: 'The stable pods get another model: what was known of this share counts no more.',
    }
  if (!evidence.known) return { ...state, reason: 'NoEvidence', message: `${evidence.why} The share stays.` }
  const judged = withFigures(state, seen)
  const verdict = verdictOf(seen) as Verdict
  if (verdict.is !== 'fine') return { ...judged, reason: verdict.reason, message: verdict.message }
  const { seenByPods } = evidence
  const { requests } = evidence.figures.canary
  if (seenByPods !== undefined && seenByPods < requests / 2)
    return {
      ...judged,
      reason: 'FiguresDisagree',
      message: `The gateway counts ${requests} requests to the candidate and its pods ${seenByPods}: while they disagree the share stays.`,
    }
  const left = Date.parse(state.since) + policy.intervalMs - now
  if (left > 0)
    return {
      ...judged,
      reason: 'Interval',
      message: `${verdict.message} The share stays until ${at(now + left)} all the same.`,
    }
  if (policy.paused)
    return {
      ...judged,
      reason: 'Paused',
      message: `${verdict.message} Paused: set spec.canary.paused to false to go on.`,
    }
  const next = policy.steps.findIndex((weight) => weight > state.weight)
  return next < 0
    ? enter(judged, seen, 'Promoting', {
        stable: 'candidate',
        reason: 'Promoting',
        message: `${verdict.message} The stable pods take its model.`,
      })
    : enter(judged, seen, 'Scaling', {
        step: next,
        reason: 'Growing',
        message: `${verdict.message} It gets pods for ${policy.steps[next]}%.`,
      })
}

function promoting(state: CanaryStatus, seen: Seen): CanaryStatus {
  const { settledOn, ready } = seen.pods.stable
  if (settledOn !== state.candidate || ready < seen.replicas)
    return {
      ...state,
      reason: state.reason === 'PodsLost' ? 'PodsLost' : 'WaitingForStable',
      message: `The stable pods take the candidate's model: ${ready} of ${seen.replicas} are ready.`,
    }
  return enter(state, seen, 'Returning', {
    outcome: 'Promoted',
    weight: 0,
    reason: 'Returning',
    message: `${pods(ready)} of the stable subset have the candidate's model and get all callers.`,
  })
}

function returning(state: CanaryStatus, seen: Seen): CanaryStatus {
  // Why it returns stays in the message; without a route nobody has to.
  if ((seen.weight ?? 0) !== 0) return state
  return enter(state, seen, 'Draining', { message: state.message, reason: state.reason })
}

function draining(state: CanaryStatus, seen: Seen): CanaryStatus {
  if (seen.now < Date.parse(state.since) + seen.policy.drainMs) return state
  const outcome = state.outcome ?? 'Aborted'
  if (outcome !== 'Promoted') return enter(state, seen, outcome, { reason: state.reason, message: state.message })
  return enter(state, seen, 'Promoted', {
    reason: 'Promoted',
    message: `The stable pods have model ${state.model.version}. To make that last, write it to spec.model and take spec.canary.model away.`,
  })
}

const enter = (state: CanaryStatus, { now }: Seen, phase: Phase, change: Change): CanaryStatus => ({
  ...state,
  ...change,
  phase,
  since: at(now),
})

/** Pods for the greater of the share that stands and the one that comes; none once it is over. */
function podsOf(state: CanaryStatus, seen: Seen): number {
  if (over(state)) return 0
  if (state.outcome) return state.pods
  return podsFor(Math.max(state.weight, target(state, seen)), seen)
}

function withFigures(state: CanaryStatus, { evidence }: Seen): CanaryStatus {
  if (!evidence.known) return state
  const { stable, canary } = evidence.figures
  return { ...state, figures: { stable: shown(stable), canary: shown(canary) } }
}

function shown({ requests, errors, latencies }: SubsetFigures) {
  const [medianMs, p99Ms] = [quantileMs(latencies, 0.5), quantileMs(latencies, 0.99)]
  return {
    requests,
    errors,
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  }
}
