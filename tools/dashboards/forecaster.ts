import { forecastOf, forecastSeries, isForecast } from '../../policies/autoscaling.ts'
import type { Policies } from '../../policies/bundle.ts'
import { serviceOf } from '../../policies/model/scaling.ts'
import type { MetricSource } from '../../policies/model/service.ts'
import { labelled, scalingSeries } from '../../policies/series.ts'
import type { DashboardPlan, Panel, Row } from './panel.ts'
import { rateWindow } from './panel.ts'

const shut = 'the gate is shut'
const young = 'there is not enough history to foretell anything'

/** One metric of a row that is forecast: what is foretold of it, how well, and whether that may count. */
function metricRow(service: string, metric: string, threshold: number, source: MetricSource): Row {
  const of = { service, metric }
  const each = source.by ? `max by (${source.by}) ` : 'max'
  const which = source.by ? `{{${source.by}}} ` : ''
  const foretold = (series: string): string => `${each}(${labelled(series, of)})`
  const loss = (by: 'best' | 'persistence'): string => `${each}(${labelled('nd_forecast_loss', { ...of, of: by })})`
  const panels: readonly Panel[] = [
    {
      title: `Forecast of ${metric}`,
      description:
        'What is measured now, and of the time when a new pod would be ready: the forecast, what it covers, and what there shall be pods for.',
      unit: 'short',
      queries: [
        { expr: labelled(scalingSeries.metric, of), legend: 'measured' },
        { expr: foretold('nd_forecast_mean'), legend: `${which}foretold`, mayBeEmpty: young },
        { expr: foretold('nd_forecast_covered'), legend: `${which}covered`, mayBeEmpty: shut },
        { expr: foretold(forecastSeries), legend: `${which}served`, mayBeEmpty: shut },
      ],
    },
    {
      title: `Pods for ${metric}`,
      description:
        'That the forecast asks for, and that there are. What is measured asks beside it: the higher counts.',
      unit: 'short',
      queries: [
        { expr: `ceil(${forecastOf(service, metric, source)} / ${threshold})`, legend: 'foretold', mayBeEmpty: shut },
        { expr: labelled(scalingSeries.pods, { service }), legend: 'there are' },
      ],
    },
    {
      title: `Loss of ${metric}`,
      description:
        'Mean pinball loss of the last day, in the metric’s unit: lower is better. Above that of the last value the forecast is worth nothing.',
      unit: 'short',
      queries: [
        { expr: loss('best'), legend: `${which}forecast`, mayBeEmpty: young },
        { expr: loss('persistence'), legend: `${which}last value`, mayBeEmpty: young },
        { expr: `${loss('best')} / ${loss('persistence')}`, legend: `${which}share`, mayBeEmpty: young },
      ],
    },
    {
      title: `Gate of ${metric}`,
      description:
        'Where it stands: open, or why it is shut. young: too little history; silent, stale: no data; wide: its errors spread too far; no better: the last value foretells more; useless: it prevents too little; costly: it has added too many pods.',
      unit: 'short',
      queries: [
        {
          expr: `max by (${['state', 'mode', ...(source.by ? [source.by] : [])].join(', ')}) (${labelled('nd_forecast_gate', of)})`,
          legend: `${which}{{state}} ({{mode}})`,
        },
      ],
    },
  ]
  return { title: `${service}: ${metric}`, panels }
}

/** The dashboard of who foretells: of each forecast what it says, how good it is and where its gate stands; and how the process does. */
export function forecasterDashboard({ scaling, services }: Policies): DashboardPlan {
  const foretold = Object.entries(scaling).flatMap(([row, { metrics, prediction }]) => {
    const service = serviceOf(row)
    if (!prediction || prediction.mode === 'off') return []
    return metrics.flatMap(({ name, threshold }) => {
      const source = services[service]?.metrics[name]
      return source && isForecast(source) ? [metricRow(service, name, threshold, source)] : []
    })
  })
  const job = '{job="forecaster"}'
  return {
    uid: 'neurodefender-forecaster',
    title: 'Neurodefender / forecaster',
    description: 'Made from the policies by npm run dashboards; changes here are lost.',
    rows: [
      ...foretold,
      {
        title: 'The process',
        panels: [
          {
            title: 'Failures',
            description:
              'Looks at the history that failed, per second. After two minutes of them there is no forecast, and what is measured scales alone.',
            unit: 'short',
            queries: [
              {
                expr: `sum by (service) (rate(nd_forecast_failures_total${job}[${rateWindow}]))`,
                legend: '{{service}}',
              },
            ],
          },
          {
            title: 'Pods that answer',
            description: 'One is enough. Without any nothing is foretold.',
            unit: 'short',
            queries: [{ expr: `sum(up${job})`, legend: 'pods' }],
          },
          {
            title: 'Utilisation',
            description: 'How busy its event loop is, 0 to 1.',
            unit: 'percentunit',
            queries: [{ expr: `nd_utilization_ratio${job}`, legend: '{{instance}}' }],
          },
        ],
      },
      {
        title: 'What had the last word about each count of pods',
        panels: [
          {
            title: 'Cause',
            description: 'Of each scaled service, at the last look: 1 for what decided. make why says the rest.',
            unit: 'short',
            queries: [{ expr: `max by (service, cause) (nd_scaling_cause${job})`, legend: '{{service}}: {{cause}}' }],
          },
        ],
      },
    ],
  }
}
