/** Trials of one subset: how many there were, and how many of them were of the kind that is counted (failed, slow). */
export interface Trials {
  readonly trials: number
  readonly hits: number
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

/** ln Γ(x), x ≥ 1/2, within 1e-13 of the value's size. Lanczos' approximation, g = 7, n = 9 (Numerical Recipes, 6.1). */
function lnGamma(x: number): number {
  const [first, ...rest] = lanczos
  const z = x - 1
  const t = z + 7.5
  const series = rest.reduce<number>((sum, c, i) => sum + c / (z + i + 1), first)
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series)
}

const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b)

/**
 * The prior of a rate: even odds for anything (Beta(½, ½), Jeffreys', whose price against the best rate is about ½ ln n: Krichevsky and
 * Trofimov 1981) and for a rate of a few in a thousand, which is what a sound service has. The second halves the trials that a sound
 * candidate needs; it costs others at most ln 2.
 */
const priors = [
  [0.5, 0.5],
  [0.5, 200],
] as const

/** ln of the likelihood of the trials, all rates mixed by the prior. */
function lnMixture({ trials, hits }: Trials): number {
  const parts = priors.map(([a, b]) => lnBeta(a + hits, b + trials - hits) - lnBeta(a, b) - Math.log(priors.length))
  const most = Math.max(...parts)
  return most + Math.log(parts.reduce((sum, part) => sum + Math.exp(part - most), 0))
}

/** x ln y, and 0 for 0 ln 0. */
const xLnY = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(y))

const lnLikelihood = ({ trials, hits }: Trials, rate: number): number =>
  xLnY(hits, rate) + xLnY(trials - hits, 1 - rate)

const rateOf = ({ trials, hits }: Trials): number => (trials === 0 ? 0 : hits / trials)

/** The rate p of the stable subset at which, with p + margin for the canary, the trials are likeliest. The logarithm is concave: its slope has one zero. */
function likeliest(stable: Trials, canary: Trials, margin: number): number {
  const slope = (p: number): number =>
    stable.hits / p -
    (stable.trials - stable.hits) / (1 - p) +
    canary.hits / (p + margin) -
    (canary.trials - canary.hits) / (1 - p - margin)
  let [low, high] = [0, 1 - margin]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (slope(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** What the trials say about whether the canary's rate is above the stable subset's by more than a margin. */
export interface Evidence {
  /** ln of the evidence against "at most `margin` above". */
  readonly worse: number
  /** ln of the evidence against "at least `margin` above". */
  readonly fine: number
}

/**
 * Two e-processes about two rates, for nulls on either side of canary = stable + margin (a share, 0 to 1). Each is the likelihood of the trials
 * with all rates mixed, over the greatest likelihood under its null: at the true rates the mixture is a martingale of mean 1 and the
 * greatest likelihood is no smaller than the true one, so under the null the chance that e^value ever reaches 1/a is at most a,
 * however often and whenever one looks, and however the callers were shared meanwhile (Ville's inequality).
 *
 * @see Wasserman, Ramdas, Balakrishnan: Universal inference. PNAS 117 (2020), section 8 (sequential, with a mixture in the numerator)
 * @see Robbins: Statistical methods related to the law of the iterated logarithm. Ann. Math. Stat. 41 (1970)
 * @see Ramdas, Grünwald, Vovk, Shafer: Game-theoretic statistics and safe anytime-valid inference. Statistical Science 38 (2023)
 */
export function compare(stable: Trials, canary: Trials, margin: number): Evidence {
  const mixed = lnMixture(stable) + lnMixture(canary)
  const free = lnLikelihood(stable, rateOf(stable)) + lnLikelihood(canary, rateOf(canary))
  const p = likeliest(stable, canary, margin)
  const bound = lnLikelihood(stable, p) + lnLikelihood(canary, p + margin)
  const above = rateOf(canary) > rateOf(stable) + margin
  return { worse: mixed - (above ? bound : free), fine: mixed - (above ? free : bound) }
}
