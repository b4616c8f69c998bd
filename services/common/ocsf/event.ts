/** An event as its sender had it: what JSON.parse made of it. */
export type Source = Readonly<Record<string, unknown>>

/**
 * What an event says in OCSF's terms, flat: one member for each attribute that the hot tier keeps. Texts are '' and numbers 0 where the event does not say.
 * `category_uid` and `type_uid` follow from class and activity.
 */
export interface Ocsf {
  /** `class_uid`; 0 is the Base Event. */
  class_uid: number
  activity_id: number
  /** 0 unknown, 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal. */
  severity_id: number
  /** 0 unknown, 1 success, 2 failure. */
  status_id: number
  /** `actor.user.name`: who did it, without a domain. */
  actor_user: string
  /** `user.name`: whom an event of identity and access is about. */
  target_user: string
  /** `process.file.path` or `.name` of a Process Activity, else of `actor.process`. */
  process: string
  /** `src_endpoint.ip`, `.port`, `.hostname`. */
  src_ip: string
  src_port: number
  src_host: string
  /** `dst_endpoint.ip`, `.port`, `.hostname`. */
  dst_ip: string
  dst_port: number
  dst_host: string
}

export const severity = { unknown: 0, informational: 1, low: 2, medium: 3, high: 4, critical: 5, fatal: 6 } as const
export const status = { unknown: 0, success: 1, failure: 2 } as const

/** An event that nothing is known of. */
export const unknownEvent = (): Ocsf => ({
  class_uid: 0,
  activity_id: 0,
  severity_id: 0,
  status_id: 0,
  actor_user: '',
  target_user: '',
  process: '',
  src_ip: '',
  src_port: 0,
  src_host: '',
  dst_ip: '',
  dst_port: 0,
  dst_host: '',
})
