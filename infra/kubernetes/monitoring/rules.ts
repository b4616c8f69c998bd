import { mounted } from '../names.ts'

/** A recording rule of Prometheus. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}

/** An alert of Prometheus. `severity` decides whom Alertmanager tells. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  /** For so long it must hold. Default: the first time tells. */
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: { readonly summary: string; readonly description: string }
}

export interface RuleGroup {
  readonly name: string
  /** How often it is asked. Default: as often as pods are. */
  readonly interval?: string
  readonly rules: readonly (RecordingRule | AlertRule)[]
}

/** A rule file as Prometheus reads it: JSON is YAML. */
export const ruleFile = (groups: readonly RuleGroup[]): string => `${JSON.stringify({ groups }, null, 2)}\n`

/** Where a rule file of this name is in Prometheus' pod. */
export const ruleFileAt = (name: string): string => mounted('config', name)
