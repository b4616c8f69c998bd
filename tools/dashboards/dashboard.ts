import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { DashboardPlan, Panel } from './panel.ts'

/** The variable that says which Prometheus: a region's, chosen by who looks. */
const datasource = { type: 'prometheus', uid: '$datasource' }

/** 'A', 'B', … as Grafana names queries. */
const refId = (at: number): string => String.fromCharCode('A'.charCodeAt(0) + at)

function panel({ title, description, unit, belowZero, queries }: Panel, id: number): PanelBuilder {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
  const builder = new PanelBuilder()
    .id(id)
    .title(title)
    .description(description)
    .unit(unit)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .datasource(datasource)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .span(8)
    .height(8)
  if (!belowZero) builder.min(0)
  for (const [at, { expr, legend: name }] of queries.entries())
    builder.withTarget(
      new DataqueryBuilder().refId(refId(at)).datasource(datasource).expr(expr).legendFormat(name).range(),
    )
  return builder
}

/** A plan as Grafana loads it: from its API, a file of its provisioning, or a ConfigMap of its sidecar. */
export function dashboardOf({ uid, title, description, rows }: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['neurodefender'])
    .readonly()
    .timezone('utc')
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus').label('Region'))
  let id = 0
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(++id))
    for (const one of row.panels) builder.withPanel(panel(one, ++id))
  }
  return builder.build()
}

/** The file of a dashboard. */
export const dashboardFile = (plan: DashboardPlan): string => `${JSON.stringify(dashboardOf(plan), null, 2)}\n`
