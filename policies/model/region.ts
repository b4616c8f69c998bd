/** Where data may lie, as law sees it. `local` is the machine of a developer. */
export type Jurisdiction = 'local' | 'us' | 'eu' | 'apac'

/** One region of the platform. */
export interface RegionPolicy {
  readonly role: 'primary' | 'secondary' | 'dr'
  readonly jurisdiction: Jurisdiction
}
