/**
 * The classes that events are mapped to: `class_uid`s of the Open Cybersecurity Schema Framework 1.5.0, those from 200,000 on of its Windows extension.
 * @see https://schema.ocsf.io/1.5.0
 */
export const classes = {
  base: 0,
  file: 1001,
  kernelExtension: 1002,
  kernel: 1003,
  memory: 1004,
  module: 1005,
  job: 1006,
  process: 1007,
  eventLog: 1008,
  script: 1009,
  finding: 2004,
  account: 3001,
  authentication: 3002,
  authorize: 3003,
  entity: 3004,
  userAccess: 3005,
  group: 3006,
  network: 4001,
  http: 4002,
  dns: 4003,
  dhcp: 4004,
  rdp: 4005,
  smb: 4006,
  ssh: 4007,
  ftp: 4008,
  email: 4009,
  ntp: 4013,
  lifecycle: 6002,
  api: 6003,
  datastore: 6005,
  applicationError: 6008,
  registryKey: 201001,
  registryValue: 201002,
  windowsResource: 201003,
  windowsService: 201004,
} as const

export type ClassName = keyof typeof classes
