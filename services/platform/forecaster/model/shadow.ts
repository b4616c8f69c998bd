export interface ShadowOptions {
  /** What one pod shall carry. */
  readonly target: number
  /** By how much a pod's share may exceed the target before the autoscaler adds one; beyond it a pod is overloaded. */
  readonly tolerance: number
  readonly min: number
  readonly max: number
  /** Steps from asking for a pod to the first whole step that it serves. */
  readonly startup: number
  /** Steps, 1 or more, over which the autoscaler keeps to its highest wish before it takes pods away. */
  readonly stabilisation: number
}

/** What a step of an autoscaler came to. */
export interface ShadowStep {
  readonly pods: number
  readonly overloaded: boolean
}

/** The replicas that carry a value without one more being asked for. */
export const replicasFor = (value: number, target: number, tolerance: number): number =>
  Math.ceil(value / (target * (1 + tolerance)) - 1e-9)

/**
 * An autoscaler that is not there: what a horizontal autoscaler with this target would have done, one decision a step, and whether its
 * ready pods carried the load. The measure by which a forecast is judged; the whole algorithm is the simulator's.
 */
export class Shadow {
  readonly #options: ShadowOptions
  /** Steps at which pods will serve, one for each pod. */
  readonly #ready: number[]
  readonly #wishes: number[] = []
  #step = 0

  constructor(options: ShadowOptions) {
    this.#options = options
    this.#ready = Array.from({ length: options.min }, () => 0)
  }

  /** One step: the load in it, then the decision at its end on that load and on `wanted` replicas of a forecast. */
  observe(load: number, wanted: number): ShadowStep {
    const { target, tolerance, min, max, startup, stabilisation } = this.#options
    const serving = this.#ready.reduce((count, at) => (at <= this.#step ? count + 1 : count), 0)
    const overloaded = load > serving * target * (1 + tolerance)
    const pods = this.#ready.length
    const ratio = load / (target * pods)
    const wish = Math.abs(1 - ratio) <= tolerance ? pods : Math.ceil(load / target - 1e-9)
    const bounded = Math.max(min, Math.min(max, Math.max(wish, wanted)))
    this.#wishes.push(bounded)
    if (this.#wishes.length > stabilisation) this.#wishes.shift()
    const next = bounded >= pods ? bounded : Math.min(pods, Math.max(...this.#wishes))
    this.#step++
    while (this.#ready.length < next) this.#ready.push(this.#step + startup - 1)
    if (this.#ready.length > next) this.#ready.sort((a, b) => a - b).length = next
    return { pods, overloaded }
  }
}
