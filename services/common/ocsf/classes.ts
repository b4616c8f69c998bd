/** The version of the Open Cybersecurity Schema Framework that the numbers are of. @see https://schema.ocsf.io/1.5.0 */
export const ocsfVersion = '1.5.0'

/** The classes that events are mapped to: OCSF's `class_uid`s, those from 200,000 on of its Windows extension. */
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

export const classNames: Readonly<Record<ClassName, string>> = {
  base: 'Base Event',
  file: 'File System Activity',
  kernelExtension: 'Kernel Extension Activity',
  kernel: 'Kernel Activity',
  memory: 'Memory Activity',
  module: 'Module Activity',
  job: 'Scheduled Job Activity',
  process: 'Process Activity',
  eventLog: 'Event Log Activity',
  script: 'Script Activity',
  finding: 'Detection Finding',
  account: 'Account Change',
  authentication: 'Authentication',
  authorize: 'Authorize Session',
  entity: 'Entity Management',
  userAccess: 'User Access Management',
  group: 'Group Management',
  network: 'Network Activity',
  http: 'HTTP Activity',
  dns: 'DNS Activity',
  dhcp: 'DHCP Activity',
  rdp: 'RDP Activity',
  smb: 'SMB Activity',
  ssh: 'SSH Activity',
  ftp: 'FTP Activity',
  email: 'Email Activity',
  ntp: 'NTP Activity',
  lifecycle: 'Application Lifecycle',
  api: 'API Activity',
  datastore: 'Datastore Activity',
  applicationError: 'Application Error',
  registryKey: 'Registry Key Activity',
  registryValue: 'Registry Value Activity',
  windowsResource: 'Windows Resource Activity',
  windowsService: 'Windows Service Activity',
}

/** An activity that the class has no number for. */
export const other = 99

/** `category_uid` of a class: 1 system, 2 findings, 3 identity, 4 network, 5 discovery, 6 application; 0 of the Base Event. */
export const categoryOf = (classUid: number): number => Math.floor(classUid / 1_000) % 100

/** `type_uid`: what happened, in one number. */
export const typeOf = (classUid: number, activityId: number): number => classUid * 100 + activityId
