import type { OperatorName } from '../../../policies/model/operators.ts'
import type { Duration } from '../../../policies/model/units.ts'
import type { ReleaseStage } from '../bridge/stages.ts'
import type { ChartScope } from '../context.ts'

/** One release of Helm as it is to be: a chart of somebody else, exactly, with exactly the values that we set. */
export interface Release<Values extends object = object> {
  readonly name: string
  readonly namespace: string
  /** Name of the chart in its repository, or its whole address where the repository is `oci://`. */
  readonly chart: string
  /** Absent for `oci://`. */
  readonly repository?: string
  readonly version: string
  /** What it brings, for a person who lists releases. */
  readonly description: string
  readonly values: Values
  readonly stage: ReleaseStage
  /** Until all that it makes is ready; then it is rolled back. */
  readonly timeout: Duration
}

interface ReleaseProps<Values extends object> {
  /** Default: the operator's name. */
  readonly name?: string
  readonly namespace: string
  readonly stage: ReleaseStage
  readonly values: Values
  /** Default: 10m. */
  readonly timeout?: Duration
}

/** A release of a pinned chart. */
export function release<Values extends object>(
  { policies }: ChartScope,
  operator: OperatorName,
  { name = operator, namespace, stage, values, timeout = '10m' }: ReleaseProps<Values>,
): Release<Values> {
  const { repository, chart, version, app } = policies.operators.charts[operator]
  const source = repository.startsWith('oci://') ? { chart: `${repository}/${chart}` } : { chart, repository }
  return { name, namespace, ...source, version, description: `${operator} ${app}`, values, stage, timeout }
}
