/** One line of a panel. */
export interface Query {
  readonly expr: string
  /** In Grafana's notation: '{{pod}}'. */
  readonly legend: string
  /** Why it may have no data though all is well. Default: it must have some. */
  readonly mayBeEmpty?: string
}

/** What a figure is, in Grafana's names of units. */
export type Unit = 'reqps' | 'eps' | 's' | 'percentunit' | 'short' | 'bytes'

/** A graph over time. */
export interface Panel {
  readonly title: string
  /** What it tells, and when to worry. */
  readonly description: string
  readonly unit: Unit
  /** Whether it may be below zero. Default: no, and the graph begins there. */
  readonly belowZero?: true
  readonly queries: readonly Query[]
}

/** Panels that stand side by side under one heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface DashboardPlan {
  /** Also the name of its file, and its address in Grafana. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Row[]
}

/** Grafana puts the width of a rate here that fits the picture and the scrapes. */
export const rateWindow = '$__rate_interval'

/** A query as Prometheus takes it by itself. */
export const asPromql = (expr: string): string => expr.replaceAll(rateWindow, '5m')
