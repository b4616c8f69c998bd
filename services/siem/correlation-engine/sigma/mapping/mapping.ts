import type { LogSource } from '../rule.ts'

/** A place in an event: names of maps from the outside in. `*` stands for each map that stands there. */
export type Path = readonly string[]

/** One way in which events are laid out. */
export interface Shape {
  readonly name: string
  /** An event has this shape when a map stands here. `[]`: every event. The first shape that fits is taken. */
  readonly at: Path
  /** The maps in which a field is looked for by its name, in this order. */
  readonly containers: readonly Path[]
  /** Where else a field may stand, by the name that rules give it; looked at before the containers. */
  readonly aliases: Readonly<Record<string, readonly Path[]>>
}

/** Fields that an event must have with one of these values, compared as text without regard to case; `*` is any value. All must hold. */
export type Requirement = Readonly<Record<string, readonly (string | number)[]>>

/** Events that are of a log source. */
export interface SourceEvent {
  readonly when: Requirement
  /** Names of fields in these events, by the name that rules about this log source give them; the first that an event has is taken. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
}

/** What can be said of an event: that it is of this category, product or service. */
export interface SourceMapping {
  readonly logsource: LogSource
  readonly events: readonly SourceEvent[]
}

/**
 * How rules find their events and their fields: data, so that others can be given as a file. An event is of all log sources whose requirements it
 * meets; a rule meets it when the event is of each attribute (category, product, service) that the rule's log source has.
 */
export interface Mapping {
  readonly name: string
  readonly shapes: readonly Shape[]
  readonly sources: readonly SourceMapping[]
  /** Fields by which an event may name its own log source; they count only where `sources` say nothing of it. Not together with `unknown: 'any'`. */
  readonly declared?: Readonly<Partial<Record<keyof LogSource, string>>>
  /**
   * What a rule meets that has an attribute of which `sources` say nothing: only events that declare it (`none`), or every event (`any`), so that
   * the rule's conditions on fields decide alone.
   */
  readonly unknown: 'none' | 'any'
}
