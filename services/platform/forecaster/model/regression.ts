/** How much of its weight a step keeps: half of it is gone after about five days of minutes. */
const forgetting = 0.9999

/** Recursive least squares with forgetting, by which a linear predictor follows what it sees at a fixed cost per step. */
export class Regression {
  readonly weights: Float64Array
  readonly #covariance: Float64Array
  readonly #gain: Float64Array
  #trace = 0

  /** `prior` tells of each feature what its weight is taken to be before anything was seen, and how firmly: the variance. */
  constructor(size: number, prior: (feature: number) => { readonly weight: number; readonly variance: number }) {
    this.weights = new Float64Array(size)
    this.#gain = new Float64Array(size)
    this.#covariance = new Float64Array(size * size)
    for (let i = 0; i < size; i++) {
      const { weight, variance } = prior(i)
      this.weights[i] = weight
      this.#covariance[i * size + i] = variance
      this.#trace += variance
    }
  }

  predict(features: Float64Array): number {
    let sum = 0
    for (let i = 0; i < features.length; i++) sum += this.weights[i]! * features[i]!
    return sum
  }

  /** One step: `error` is the value less its prediction, limited by the caller to what an outlier may move. */
  learn(features: Float64Array, error: number): void {
    const size = features.length
    const p = this.#covariance
    const gain = this.#gain
    let norm = forgetting
    for (let i = 0; i < size; i++) {
      let sum = 0
      for (let j = 0; j < size; j++) sum += p[i * size + j]! * features[j]!
      gain[i] = sum
      norm += sum * features[i]!
    }
    let trace = 0
    for (let i = 0; i < size; i++) {
      this.weights[i]! += (gain[i]! / norm) * error
      for (let j = 0; j < size; j++) p[i * size + j] = (p[i * size + j]! - (gain[i]! * gain[j]!) / norm) / forgetting
      trace += p[i * size + i]!
    }
    // Without excitation (a constant series) forgetting would let the covariance grow without bound.
    if (trace > this.#trace) for (let i = 0; i < p.length; i++) p[i]! *= this.#trace / trace
  }
}
