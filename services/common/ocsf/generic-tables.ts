import type { ClassName } from './classes.ts'

/** The members of JSON events that fill each attribute, in the order in which they are tried: those of ECS first, then common ones. Paths with dots. */
export const names = {
  actor_user: [
    'user.name',
    'user.id',
    'userIdentity.userName',
    'userIdentity.arn',
    'actor.user.name',
    'username',
    'user_name',
    'user',
    'User',
    'usr',
    'actor',
  ],
  target_user: ['user.target.name', 'target_user', 'TargetUserName'],
  process: [
    'process.executable',
    'process.name',
    'actor.process.name',
    'process_path',
    'process_name',
    'process',
    'Image',
    'exe',
    'comm',
  ],
  src_ip: [
    'source.ip',
    'source.address',
    'client.ip',
    'src_endpoint.ip',
    'src_ip',
    'id.orig_h',
    'srcip',
    'source_ip',
    'sourceIPAddress',
    'SourceIp',
    'clientip',
    'client_ip',
    'remote_addr',
    'remote_ip',
    'ipAddress',
    'src',
  ],
  src_port: [
    'source.port',
    'client.port',
    'src_endpoint.port',
    'src_port',
    'id.orig_p',
    'srcport',
    'source_port',
    'SourcePort',
    'spt',
    'sport',
  ],
  src_host: ['source.domain', 'client.domain', 'src_endpoint.hostname', 'src_host', 'source_host'],
  dst_ip: [
    'destination.ip',
    'destination.address',
    'server.ip',
    'dst_endpoint.ip',
    'dest_ip',
    'dst_ip',
    'id.resp_h',
    'dstip',
    'destip',
    'destination_ip',
    'DestinationIp',
    'server_ip',
    'dst',
    'dest',
  ],
  dst_port: [
    'destination.port',
    'server.port',
    'dst_endpoint.port',
    'dest_port',
    'dst_port',
    'id.resp_p',
    'dstport',
    'destination_port',
    'DestinationPort',
    'dpt',
    'dport',
  ],
  dst_host: [
    'destination.domain',
    'server.domain',
    'url.domain',
    'dst_endpoint.hostname',
    'dst_host',
    'destination_host',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

interface CategoryMapping {
  readonly class: ClassName
  /** By `event.type`; the first of an event's types that stands here. */
  readonly types: Readonly<Record<string, number>>
}

const written = { creation: 1, access: 2, change: 3, deletion: 4 }

/** By `event.category`, in the order in which they decide where an event has several. @see https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category */
export const categories: readonly (readonly [string, CategoryMapping])[] = [
  ['malware', { class: 'finding', types: { info: 1 } }],
  ['threat', { class: 'finding', types: { indicator: 1 } }],
  ['intrusion_detection', { class: 'finding', types: { info: 1 } }],
  ['vulnerability', { class: 'finding', types: { info: 1 } }],
  ['authentication', { class: 'authentication', types: { start: 1, end: 2 } }],
  ['session', { class: 'authentication', types: { start: 1, end: 2 } }],
  ['iam', { class: 'account', types: { creation: 1, deletion: 6 } }],
  ['web', { class: 'http', types: {} }],
  ['email', { class: 'email', types: {} }],
  ['database', { class: 'datastore', types: {} }],
  ['api', { class: 'api', types: written }],
  ['registry', { class: 'registryKey', types: { creation: 1, access: 2, change: 3, deletion: 4 } }],
  ['file', { class: 'file', types: written }],
  ['library', { class: 'module', types: { start: 1 } }],
  ['driver', { class: 'kernelExtension', types: { start: 1, end: 2 } }],
  ['process', { class: 'process', types: { start: 1, end: 2 } }],
  ['network', { class: 'network', types: { start: 1, end: 2, denied: 5, connection: 6 } }],
  ['package', { class: 'lifecycle', types: { installation: 1, deletion: 2 } }],
  ['configuration', { class: 'entity', types: written }],
]

/** Network events by the protocol that they name (`network.protocol`, `app_proto`, `service`). */
export const protocols: Readonly<Record<string, readonly [ClassName, number]>> = {
  dns: ['dns', 1],
  http: ['http', 99],
  dhcp: ['dhcp', 99],
  rdp: ['rdp', 99],
  smb: ['smb', 99],
  ssh: ['ssh', 99],
  ftp: ['ftp', 99],
  smtp: ['email', 99],
  ntp: ['ntp', 99],
}

/** By Suricata's `event_type`. */
export const suricata: Readonly<Record<string, readonly [ClassName, number]>> = {
  alert: ['finding', 1],
  flow: ['network', 6],
  netflow: ['network', 6],
  tls: ['network', 6],
  drop: ['network', 5],
  fileinfo: ['file', 99],
  ...protocols,
}

/** By the first word of the name of a call, for APIs as CloudTrail records them. */
export const calls: readonly (readonly [RegExp, number])[] = [
  [/^(?:create|add|put|run|start|register|allocate)/i, 1],
  [/^(?:get|list|describe|head|lookup|search|view|read|batchget|select)/i, 2],
  [/^(?:update|modify|set|change|attach|detach|enable|disable|associate|tag)/i, 3],
  [/^(?:delete|remove|terminate|stop|deregister|release|revoke)/i, 4],
]
