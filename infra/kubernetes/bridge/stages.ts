/** The order of making; deleting goes the other way. */
export const stages = [
  'ground',
  'needs',
  'name-server',
  'names-answer',
  // Controllers of others: definitions and certificates, then who works with them.
  'foundations',
  'controllers',
  // What pods need that only a controller can give: machines, an issuer.
  'supplies',
  'identity',
  'mesh',
  'operators',
  'certificates',
  // Controllers of others that have a certificate of ours.
  'certified',
  'data',
  'jobs',
  'workloads',
  'addresses',
  'spare',
] as const
export type Stage = (typeof stages)[number]

/** Where a release of Helm may stand. */
export type ReleaseStage = Extract<
  Stage,
  'foundations' | 'controllers' | 'identity' | 'mesh' | 'operators' | 'certified'
>
