import { levelSeries } from '../../infra/kubernetes/monitoring/level-rules.ts'
import { forecastSeries } from '../../policies/autoscaling.ts'
import type { Policies } from '../../policies/bundle.ts'
import { type Level, levelsOf, threshold } from '../../policies/levels.ts'
import { rowOf } from '../../policies/model/scaling.ts'
import { labelled, scalingSeries } from '../../policies/series.ts'
import { forecasterDashboard } from './forecaster.ts'
import { type DashboardPlan, type Panel, type Query, type Row, rateWindow } from './panel.ts'
import { type Sources, sources } from './sources.ts'

const quantiles = [
  ['P50', 0.5],
  ['P95', 0.95],
  ['P99', 0.99],
] as const

const rate = (series: string, service: string, by: string): string =>
  `sum by (${by}) (rate(${series}{job="${service}"}[${rateWindow}]))`

const legendOf = (by: string): string =>
  by === 'job'
    ? 'all'
    : by
        .split(', ')
        .map((label) => `{{${label}}}`)
        .join(' ')

const counted = (service: string, { series, by, what }: Sources['work'], title: string): Panel => ({
  title,
  description: `Per second: ${what}.`,
  unit: 'reqps',
  queries: [{ expr: rate(series, service, by), legend: legendOf(by) }],
})

function latency(service: string, { series, what }: Sources['latency'], level: Level | undefined): Panel {
  const limit: Query[] =
    level?.within === undefined ? [] : [{ expr: `vector(${level.within})`, legend: 'promised of P99' }]
  return {
    title: 'P50, P95, P99',
    description: `Seconds ${what}, half, 19 of 20 and 99 of 100 at most.`,
    unit: 's',
    queries: [
      ...quantiles.map(([legend, q]) => ({
        expr: `histogram_quantile(${q}, ${rate(`${series}_bucket`, service, 'le')})`,
        legend,
      })),
      ...limit,
    ],
  }
}

/** What failed, and why. Where nothing ever failed there is no series; that nothing did is said by what was done. */
function errors(service: string, { errors: by, work }: Sources, level: Level | undefined): Panel {
  const none = `0 * sum(rate(${work.series}{job="${service}"}[${rateWindow}]))`
  const failed = by
    ? `(sum(rate(${by.series}{job="${service}"}[${rateWindow}])) or ${none})`
    : (level?.bad(rateWindow) ?? none)
  const reasons: Query[] = by
    ? [
        {
          expr: rate(by.series, service, by.by),
          legend: legendOf(by.by),
          mayBeEmpty: 'nothing failed since the pods began',
        },
      ]
    : []
  return {
    title: 'Errors',
    description: 'Per second, all and by reason.',
    unit: 'reqps',
    queries: [{ expr: failed, legend: 'all' }, ...reasons],
  }
}

const utilization = (service: string, { utilization: expr }: Sources): Panel => ({
  title: 'Utilisation',
  description: 'How busy each pod is, 0 to 1.',
  unit: 'percentunit',
  queries: [
    { expr: (expr ?? 'nd_utilization_ratio{%}').replaceAll('{%}', `{job="${service}"}`), legend: '{{instance}}' },
  ],
})

const queues = (service: string, { queues: all }: Sources): Panel => ({
  title: 'Queue depth',
  description: 'What waits, over all pods.',
  unit: 'short',
  queries: all.map(({ series, what }) => ({ expr: `sum(${series}{job="${service}"})`, legend: what })),
})

/** Pods, and for what is scaled: what its policy wants and why, with what is foreseen. */
function replicas(service: string, { scaling }: Policies): Row {
  const row = scaling[rowOf(service)]
  const pods: Query = { expr: `sum(up{job="${service}"})`, legend: 'pods that answer' }
  if (!row)
    return {
      title: 'Replicas',
      panels: [{ title: 'Replicas', description: 'It is not scaled by load.', unit: 'short', queries: [pods] }],
    }
  const foreseen: Query = {
    expr: `max by (metric, mode, model) (${labelled(forecastSeries, { service })})`,
    legend: '{{model}} {{metric}} foreseen ({{mode}})',
    mayBeEmpty: 'nothing is foreseen of it, or the forecaster has switched itself off',
  }
  return {
    title: 'Replicas: how many, and why',
    panels: [
      {
        title: 'Replicas',
        description: 'Pods that answer, what the scaling matrix wants of them, and its bounds.',
        unit: 'short',
        queries: [
          pods,
          { expr: labelled(scalingSeries.desired, { service }), legend: 'wanted' },
          { expr: `vector(${row.actions.min_replicas})`, legend: 'at least' },
          { expr: `vector(${row.actions.max_replicas})`, legend: 'at most' },
        ],
      },
      {
        title: 'Reasons',
        description:
          'How many pods each metric asks for: the highest decides. One that is missing here is not measured.',
        unit: 'short',
        queries: [{ expr: labelled(scalingSeries.proposal, { service }), legend: '{{metric}} {{by}}' }],
      },
      {
        title: 'Load of a pod',
        description: 'Each metric in multiples of what a pod may have: above 1 pods are added.',
        unit: 'short',
        queries: [{ expr: labelled(scalingSeries.ratio, { service }), legend: '{{metric}}' }],
      },
      {
        title: 'Metrics and forecast',
        description:
          'The values that are compared, and those that are foreseen of the time when a new pod would be ready.',
        unit: 'short',
        queries: [{ expr: labelled(scalingSeries.metric, { service }), legend: '{{metric}}' }, foreseen],
      },
    ],
  }
}

const levelLabels = ({ service, kind }: Level): string => `service="${service}",level="${kind}"`

function levelRow(levels: readonly Level[], { objectives }: Policies): Row[] {
  if (levels.length === 0) return []
  const { burns, window } = objectives.levels
  const windows = [...new Set(burns.map(({ long }) => long))]
  const noTraffic = 'nothing was asked of it in the window'
  return [
    {
      title: 'Service levels',
      panels: levels.flatMap((level): Panel[] => [
        {
          title: `${level.kind}: budget left`,
          description: `Of ${window}; at 0 the promise is broken.`,
          unit: 'percentunit',
          belowZero: true,
          queries: [{ expr: `${levelSeries.left}{${levelLabels(level)}}`, legend: 'left', mayBeEmpty: noTraffic }],
        },
        {
          title: `${level.kind}: how fast it burns`,
          description: 'Multiples of what the budget allows, over the long windows of the alerts.',
          unit: 'short',
          queries: windows.map((long) => ({
            expr: `${levelSeries.share}{${levelLabels(level)},window="${long}"} / ${threshold({ rate: 1 }, level.target)}`,
            legend: long,
            mayBeEmpty: noTraffic,
          })),
        },
      ]),
    },
  ]
}

function serviceDashboard(service: string, own: Sources, policies: Policies): DashboardPlan {
  const levels = levelsOf(policies).filter((level) => level.service === service)
  const level = (kind: Level['kind']) => levels.find((one) => one.kind === kind)
  return {
    uid: `neurodefender-${service}`,
    title: `Neurodefender / ${service}`,
    description: 'Made from the policies by npm run dashboards; changes here are lost.',
    rows: [
      {
        title: 'What it does',
        panels: [
          counted(service, own.work, 'QPS'),
          latency(service, own.latency, level('latency')),
          errors(service, own, level('availability')),
          utilization(service, own),
          queues(service, own),
          ...(own.more ?? []).map((more) => counted(service, more, more.what)),
        ],
      },
      replicas(service, policies),
      ...levelRow(levels, policies),
    ],
  }
}

/** A dashboard for every service that gives figures. */
export const dashboardPlans = (policies: Policies): readonly DashboardPlan[] => [
  ...Object.entries(sources).map(([service, own]) => serviceDashboard(service, own, policies)),
  forecasterDashboard(policies),
]

/** The service that a dashboard is of. */
export const serviceOfPlan = ({ uid }: DashboardPlan): string => uid.replace(/^neurodefender-/, '')
