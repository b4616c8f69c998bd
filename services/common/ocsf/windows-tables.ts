import type { ClassName } from './classes.ts'

/** What an event id of a log means: class, activity, and the fields that say more than those of its log. */
export interface WindowsMapping {
  readonly class: ClassName
  readonly activity: number
  /** Default: what the event's keywords say. */
  readonly status?: 'success' | 'failure'
  readonly actor?: readonly string[]
  readonly target?: readonly string[]
  readonly process?: readonly string[]
  readonly source?: Endpoint
  readonly destination?: Endpoint
}

export interface Endpoint {
  readonly ip?: readonly string[]
  readonly port?: readonly string[]
  readonly host?: readonly string[]
}

/** One log, or several that speak alike. */
export interface WindowsLog {
  /** Default of each event. */
  readonly actor: readonly string[]
  readonly process: readonly string[]
  readonly events: Readonly<Record<number, WindowsMapping>>
}

type Events = WindowsLog['events']

/** The same for several ids. */
const each = (ids: readonly number[], mapping: WindowsMapping): Events =>
  Object.fromEntries(ids.map((id) => [id, mapping]))

const target = ['TargetUserName', 'TargetSid']
const peer: Endpoint = {
  ip: ['IpAddress', 'ClientAddress'],
  port: ['IpPort', 'ClientPort'],
  host: ['WorkstationName', 'Workstation', 'ClientName'],
}
const flow = {
  source: { ip: ['SourceAddress'], port: ['SourcePort'] },
  destination: { ip: ['DestAddress'], port: ['DestPort'] },
}
const account = (activity: number): WindowsMapping => ({ class: 'account', activity, target })
const group = (activity: number): WindowsMapping => ({ class: 'group', activity, target: ['MemberName', 'MemberSid'] })
const logon = (activity: number, result?: 'success' | 'failure'): WindowsMapping => ({
  class: 'authentication',
  activity,
  target,
  source: peer,
  ...(result ? { status: result } : {}),
})

/** @see https://learn.microsoft.com/windows/security/threat-protection/auditing/advanced-security-audit-policy-settings */
const security: WindowsLog = {
  actor: ['SubjectUserName', 'SubjectUserSid', 'AccountName'],
  process: ['ProcessName', 'NewProcessName', 'Application', 'CallerProcessName', 'Image'],
  events: {
    1100: { class: 'eventLog', activity: 7 },
    1102: { class: 'eventLog', activity: 1 },
    1105: { class: 'eventLog', activity: 4 },
    4608: { class: 'eventLog', activity: 6 },
    4611: { class: 'authentication', activity: 99, process: ['LogonProcessName'] },
    4616: { class: 'kernel', activity: 99 },
    4624: logon(1, 'success'),
    4625: logon(1, 'failure'),
    4626: logon(99),
    4627: { class: 'authorize', activity: 2, target },
    4634: logon(2, 'success'),
    4647: logon(2, 'success'),
    4648: { ...logon(1), destination: { host: ['TargetServerName'] } },
    4649: logon(99, 'failure'),
    ...each([4656, 4658, 4659, 4661, 4662, 4663, 4690, 4691], { class: 'windowsResource', activity: 1 }),
    4660: { class: 'windowsResource', activity: 2 },
    4657: { class: 'registryValue', activity: 3 },
    4664: { class: 'file', activity: 1 },
    4670: { class: 'windowsResource', activity: 3 },
    ...each([4672, 4964], { class: 'authorize', activity: 1 }),
    ...each([4673, 4674], { class: 'windowsResource', activity: 1 }),
    4675: { class: 'authorize', activity: 99, target },
    4688: { class: 'process', activity: 1, process: ['NewProcessName'], target },
    4689: { class: 'process', activity: 2 },
    4696: { class: 'process', activity: 5, target },
    4697: { class: 'windowsService', activity: 1, process: ['ServiceFileName'] },
    4698: { class: 'job', activity: 1 },
    4699: { class: 'job', activity: 3 },
    4700: { class: 'job', activity: 4 },
    4701: { class: 'job', activity: 5 },
    4702: { class: 'job', activity: 2 },
    ...each([4703, 4704], { class: 'userAccess', activity: 1, target }),
    4705: { class: 'userAccess', activity: 2, target },
    ...each([4706, 4713, 4716, 4717, 4719, 4739, 4817, 4902, 4904, 4906, 4907, 4912], { class: 'entity', activity: 3 }),
    4707: { class: 'entity', activity: 4 },
    4718: { class: 'entity', activity: 3 },
    4905: { class: 'entity', activity: 4 },
    4720: account(1),
    4722: account(2),
    4723: account(3),
    4724: account(4),
    4725: account(5),
    4726: account(6),
    4738: account(99),
    4740: account(9),
    4741: account(1),
    4742: account(99),
    4743: account(6),
    4765: account(99),
    4767: account(99),
    4780: account(99),
    4781: account(99),
    4794: account(4),
    ...each([4727, 4731, 4744, 4749, 4754, 4759, 4783, 4790], { class: 'group', activity: 6 }),
    ...each([4728, 4732, 4746, 4751, 4756, 4761, 4785], group(3)),
    ...each([4729, 4733, 4747, 4752, 4757, 4762, 4786], group(4)),
    ...each([4730, 4734, 4748, 4753, 4758, 4763, 4789], { class: 'group', activity: 5 }),
    ...each([4735, 4737, 4745, 4750, 4755, 4760, 4764, 4784, 4798, 4799], { class: 'group', activity: 99 }),
    4768: logon(3),
    4769: logon(4),
    4770: logon(5),
    4771: logon(6, 'failure'),
    4772: logon(3, 'failure'),
    4773: logon(4, 'failure'),
    ...each([4774, 4775, 4776, 4777], logon(1)),
    4778: { ...logon(99), actor: ['AccountName'] },
    4779: { ...logon(99), actor: ['AccountName'] },
    ...each([4800, 4801, 4802, 4803], logon(99)),
    4825: { class: 'rdp', activity: 99, status: 'failure', source: { ip: ['ClientAddress'] } },
    ...each([4946, 4947, 4948, 4950, 4957], { class: 'entity', activity: 3 }),
    5025: { class: 'windowsService', activity: 4 },
    5136: { class: 'entity', activity: 3 },
    5137: { class: 'entity', activity: 1 },
    5139: { class: 'entity', activity: 3 },
    5141: { class: 'entity', activity: 4 },
    5140: { class: 'smb', activity: 4, source: peer },
    5142: { class: 'smb', activity: 99 },
    5143: { class: 'smb', activity: 99 },
    5144: { class: 'smb', activity: 99 },
    5145: { class: 'smb', activity: 4, source: peer },
    ...each([5152, 5153, 5155, 5157], { class: 'network', activity: 5, status: 'failure', ...flow }),
    5154: { class: 'network', activity: 7, ...flow },
    5156: { class: 'network', activity: 1, status: 'success', ...flow },
    5158: { class: 'network', activity: 7, status: 'success', ...flow },
    5159: { class: 'network', activity: 7, status: 'failure', ...flow },
    ...each([5379, 5381, 5382], { class: 'windowsResource', activity: 1 }),
    6272: logon(1, 'success'),
    6273: logon(1, 'failure'),
    6416: { class: 'entity', activity: 1 },
  },
}

const sysmonFlow = {
  source: { ip: ['SourceIp'], port: ['SourcePort'], host: ['SourceHostname'] },
  destination: { ip: ['DestinationIp'], port: ['DestinationPort'], host: ['DestinationHostname'] },
}

/** @see https://learn.microsoft.com/sysinternals/downloads/sysmon#events */
const sysmon: WindowsLog = {
  actor: ['User', 'SourceUser'],
  process: ['Image', 'SourceImage'],
  events: {
    1: { class: 'process', activity: 1 },
    2: { class: 'file', activity: 6 },
    3: { class: 'network', activity: 1, ...sysmonFlow },
    4: { class: 'windowsService', activity: 2 },
    5: { class: 'process', activity: 2 },
    6: { class: 'kernelExtension', activity: 1, process: ['ImageLoaded'] },
    7: { class: 'module', activity: 1 },
    8: { class: 'process', activity: 4, target: ['TargetUser'] },
    9: { class: 'file', activity: 2 },
    10: { class: 'process', activity: 3, target: ['TargetUser'] },
    11: { class: 'file', activity: 1 },
    12: { class: 'registryKey', activity: 99 },
    13: { class: 'registryValue', activity: 2 },
    14: { class: 'registryKey', activity: 5 },
    15: { class: 'file', activity: 1 },
    16: { class: 'entity', activity: 3 },
    17: { class: 'file', activity: 1 },
    18: { class: 'file', activity: 14 },
    ...each([19, 20, 21], { class: 'entity', activity: 1 }),
    22: { class: 'dns', activity: 1 },
    23: { class: 'file', activity: 4 },
    24: { class: 'windowsResource', activity: 3 },
    25: { class: 'process', activity: 4 },
    26: { class: 'file', activity: 4 },
    27: { class: 'file', activity: 1, status: 'failure' },
    28: { class: 'file', activity: 4, status: 'failure' },
    29: { class: 'file', activity: 1 },
    255: { class: 'applicationError', activity: 1 },
  },
}

const powershell: WindowsLog = {
  actor: ['AccountName', 'User', 'UserId'],
  process: ['HostApplication'],
  events: {
    ...each([400, 403, 600], { class: 'lifecycle', activity: 3 }),
    ...each([500, 501, 800], { class: 'script', activity: 1 }),
    ...each([4100, 4101, 4102, 4103, 4104, 4105, 4106], { class: 'script', activity: 1 }),
    ...each([8193, 8194, 8195, 8196, 8197, 24577, 40961, 40962, 53504, 53506], { class: 'lifecycle', activity: 3 }),
  },
}

/** System, Application and what else is written by services of Windows. The ids are those of the providers named in `logs`. */
const services: WindowsLog = {
  actor: ['AccountName', 'User', 'param3'],
  process: ['ImagePath', 'ProcessName'],
  events: {
    104: { class: 'eventLog', activity: 1 },
    106: { class: 'job', activity: 1, actor: ['UserContext'] },
    129: { class: 'job', activity: 6, process: ['Path'] },
    140: { class: 'job', activity: 2, actor: ['UserName'] },
    141: { class: 'job', activity: 3, actor: ['UserName'] },
    ...each([100, 110, 200], { class: 'job', activity: 6, process: ['ActionName'] }),
    ...each([6005, 6009], { class: 'eventLog', activity: 6 }),
    6006: { class: 'eventLog', activity: 7 },
    7034: { class: 'windowsService', activity: 4, status: 'failure' },
    ...each([7035, 7036], { class: 'windowsService', activity: 99 }),
    7040: { class: 'windowsService', activity: 2 },
    7045: { class: 'windowsService', activity: 1 },
    1000: { class: 'applicationError', activity: 1 },
    ...each([1033, 11707], { class: 'lifecycle', activity: 1 }),
    ...each([1034, 11724], { class: 'lifecycle', activity: 2 }),
  },
}

/** @see https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus */
const defender: WindowsLog = {
  actor: ['User', 'Detection User'],
  process: ['Process Name'],
  events: {
    ...each([1006, 1015, 1116], { class: 'finding', activity: 1 }),
    ...each([1007, 1008, 1117, 1118, 1119], { class: 'finding', activity: 2 }),
    ...each([5001, 5004, 5007, 5010, 5012], { class: 'entity', activity: 3 }),
  },
}

const appLocker: WindowsLog = {
  actor: ['TargetUser'],
  process: ['FilePath', 'FullFilePath'],
  events: {
    ...each([8002, 8005, 8020], { class: 'process', activity: 1, status: 'success' }),
    ...each([8003, 8006, 8021, 8004, 8007, 8022], { class: 'process', activity: 1, status: 'failure' }),
  },
}

const terminal: WindowsLog = {
  actor: ['User', 'Param1'],
  process: [],
  events: {
    ...each([21, 22, 25], { class: 'rdp', activity: 1, source: { ip: ['Address'] } }),
    ...each([23, 24], { class: 'rdp', activity: 99, source: { ip: ['Address'] } }),
    1149: { class: 'rdp', activity: 1, source: { ip: ['Param3'] } },
  },
}

const wmi: WindowsLog = {
  actor: ['User', 'ClientMachine'],
  process: [],
  events: each([5857, 5858, 5859, 5860, 5861], { class: 'entity', activity: 1 }),
}

const firewall: WindowsLog = {
  actor: ['ModifyingUser'],
  process: ['ModifyingApplication'],
  events: each([2004, 2005, 2006, 2009, 2033, 2052, 2071, 2097], { class: 'entity', activity: 3 }),
}

/** Logs by their channel, else by their provider, in lower case. */
export const logs: Readonly<Record<string, WindowsLog>> = {
  security,
  'microsoft-windows-security-auditing': security,
  'microsoft-windows-sysmon/operational': sysmon,
  'microsoft-windows-sysmon': sysmon,
  'windows powershell': powershell,
  powershell,
  'microsoft-windows-powershell': powershell,
  'microsoft-windows-powershell/operational': powershell,
  'powershellcore/operational': powershell,
  powershellcore: powershell,
  system: services,
  'service control manager': services,
  application: services,
  'microsoft-windows-taskscheduler/operational': services,
  'microsoft-windows-taskscheduler': services,
  'microsoft-windows-windows defender/operational': defender,
  'microsoft-windows-windows defender': defender,
  'microsoft-windows-applocker/exe and dll': appLocker,
  'microsoft-windows-applocker/msi and script': appLocker,
  'microsoft-windows-terminalservices-localsessionmanager/operational': terminal,
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational': terminal,
  'microsoft-windows-wmi-activity/operational': wmi,
  'microsoft-windows-windows firewall with advanced security/firewall': firewall,
}
