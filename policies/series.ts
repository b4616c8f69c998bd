/** What the rules of the scaling matrix record, with the label `service`, and `metric` where it is of one. */
export const scalingSeries = {
  /** The pods that answer. */
  pods: 'nd:scaling_pods',
  /** A metric over the row's window. */
  metric: 'nd:scaling_metric',
  /** Its ratio to the threshold. */
  ratio: 'nd:scaling_ratio',
  /** The pods that it asks for; with `by="forecast"` those that its forecast asks for. */
  proposal: 'nd:scaling_proposal',
  /** The same of a forecast that is only shown. */
  forecastProposal: 'nd:scaling_forecast_proposal',
  /** The highest proposal. */
  recommendation: 'nd:scaling_recommendation',
  /** What the HPA would set at its next look. */
  desired: 'nd:scaling_desired_replicas',
} as const

/** PromQL of a series with these labels. The values are names of ours, which need no escape. */
export const labelled = (series: string, labels: Readonly<Record<string, string>>): string =>
  `${series}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`

/** PromQL of the smaller and the larger of two series with the same labels: an operator keeps its left side where it holds. */
export const least = (a: string, b: string): string => `((${a}) < (${b}) or (${b}))`
export const most = (a: string, b: string): string => `((${a}) > (${b}) or (${b}))`
