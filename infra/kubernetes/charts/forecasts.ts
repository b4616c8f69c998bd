import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { replicas } from '../replicas.ts'
import { Workload } from '../workload/workload.ts'
import { prometheusAccess } from './prometheus-access.ts'
import { RegionChart } from './region-chart.ts'

const service = 'forecaster'

/** Who foretells what the scaling matrix will see. One pod: while it is away, what is measured scales alone. */
export class Forecasts extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'forecasts', scope)
    new Workload(this, scope, {
      service,
      kind: 'deployment',
      replicas: replicas(scope, service),
      env: prometheusAccess.env(scope),
      secrets: prometheusAccess.secrets(scope, service),
    })
  }
}
