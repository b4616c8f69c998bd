import type { Mapping, SourceMapping } from './mapping.ts'

const sysmon = 'Microsoft-Windows-Sysmon/Operational'

/**
 * Sigma's services of Windows and the channels that hold them.
 * @see https://github.com/SigmaHQ/sigma/blob/master/tests/thor.yml and pySigma's `pipelines/common.py` for the facts
 */
const channels: Readonly<Record<string, readonly string[]>> = {
  application: ['Application'],
  'application-experience': [
    'Microsoft-Windows-Application-Experience/Program-Telemetry',
    'Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant',
  ],
  applocker: [
    'Microsoft-Windows-AppLocker/MSI and Script',
    'Microsoft-Windows-AppLocker/EXE and DLL',
    'Microsoft-Windows-AppLocker/Packaged app-Deployment',
    'Microsoft-Windows-AppLocker/Packaged app-Execution',
  ],
  'appmodel-runtime': ['Microsoft-Windows-AppModel-Runtime/Admin'],
  'appxdeployment-server': ['Microsoft-Windows-AppXDeploymentServer/Operational'],
  'appxpackaging-om': ['Microsoft-Windows-AppxPackaging/Operational'],
  bitlocker: ['Microsoft-Windows-BitLocker/BitLocker Management'],
  'bits-client': ['Microsoft-Windows-Bits-Client/Operational'],
  capi2: ['Microsoft-Windows-CAPI2/Operational'],
  'certificateservicesclient-lifecycle-system': [
    'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational',
  ],
  'codeintegrity-operational': ['Microsoft-Windows-CodeIntegrity/Operational'],
  dhcp: ['Microsoft-Windows-DHCP-Server/Operational'],
  'diagnosis-scripted': ['Microsoft-Windows-Diagnosis-Scripted/Operational'],
  'dns-client': ['Microsoft-Windows-DNS Client Events/Operational'],
  'dns-server': ['DNS Server'],
  'dns-server-analytic': ['Microsoft-Windows-DNS-Server/Analytical'],
  'dns-server-audit': ['Microsoft-Windows-DNS-Server/Audit'],
  'driver-framework': ['Microsoft-Windows-DriverFrameworks-UserMode/Operational'],
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  'hyper-v-worker': ['Microsoft-Windows-Hyper-V-Worker', 'Microsoft-Windows-Hyper-V-Worker-Admin'],
  'iis-configuration': ['Microsoft-IIS-Configuration/Operational'],
  'kernel-event-tracing': ['Microsoft-Windows-Kernel-EventTracing', 'Microsoft-Windows-Kernel-EventTracing/Admin'],
  'kernel-shimengine': [
    'Microsoft-Windows-Kernel-ShimEngine/Operational',
    'Microsoft-Windows-Kernel-ShimEngine/Diagnostic',
  ],
  ldap: ['Microsoft-Windows-LDAP-Client/Debug'],
  'lsa-server': ['Microsoft-Windows-LSA/Operational'],
  'microsoft-servicebus-client': ['Microsoft-ServiceBus-Client'],
  'msexchange-management': ['MSExchange Management'],
  ntfs: ['Microsoft-Windows-Ntfs/Operational'],
  ntlm: ['Microsoft-Windows-NTLM/Operational'],
  openssh: ['OpenSSH/Operational'],
  powershell: ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'],
  'powershell-classic': ['Windows PowerShell'],
  'printservice-admin': ['Microsoft-Windows-PrintService/Admin'],
  'printservice-operational': ['Microsoft-Windows-PrintService/Operational'],
  security: ['Security'],
  'security-mitigations': [
    'Microsoft-Windows-Security-Mitigations/Kernel Mode',
    'Microsoft-Windows-Security-Mitigations/User Mode',
  ],
  sense: ['Microsoft-Windows-SENSE/Operational'],
  'servicebus-client': ['Microsoft-ServiceBus-Client/Admin', 'Microsoft-ServiceBus-Client/Operational'],
  'shell-core': ['Microsoft-Windows-Shell-Core/Operational'],
  'smbclient-connectivity': ['Microsoft-Windows-SmbClient/Connectivity'],
  'smbclient-security': ['Microsoft-Windows-SmbClient/Security'],
  'smbserver-connectivity': ['Microsoft-Windows-SMBServer/Connectivity'],
  sysmon: [sysmon],
  system: ['System'],
  taskscheduler: ['Microsoft-Windows-TaskScheduler/Operational'],
  'terminalservices-localsessionmanager': ['Microsoft-Windows-TerminalServices-LocalSessionManager/Operational'],
  vhdmp: ['Microsoft-Windows-VHDMP/Operational'],
  windefend: ['Microsoft-Windows-Windows Defender/Operational'],
  wmi: ['Microsoft-Windows-WMI-Activity/Operational'],
}

/** Sigma's categories that Sysmon's events are, by their numbers. @see pySigma's `pipelines/sysmon` for the facts */
const sysmonEvents: Readonly<Record<string, readonly number[]>> = {
  clipboard_capture: [24],
  clipboard_change: [24],
  create_remote_thread: [8],
  create_stream_hash: [15],
  dns_query: [22],
  driver_load: [6],
  file_block_executable: [27],
  file_block_shredding: [28],
  file_change: [2],
  file_delete: [23, 26],
  file_delete_detected: [26],
  file_event: [11],
  file_executable_detected: [29],
  image_load: [7],
  network_connection: [3],
  pipe_created: [17, 18],
  process_access: [10],
  process_creation: [1],
  process_tampering: [25],
  process_termination: [5],
  raw_access_thread: [9],
  registry_add: [12],
  registry_delete: [12],
  registry_event: [12, 13, 14],
  registry_rename: [14],
  registry_set: [13],
  sysmon_error: [255],
  sysmon_status: [4, 16],
  wmi_event: [19, 20, 21],
}

/** Categories that are numbered events of one service. */
const serviceEvents: Readonly<Record<string, readonly [service: string, ids: readonly number[]]>> = {
  ps_module: ['powershell', [4103]],
  ps_script: ['powershell', [4104]],
  ps_classic_start: ['powershell-classic', [400]],
  ps_classic_provider_start: ['powershell-classic', [600]],
  ps_classic_script: ['powershell-classic', [800]],
}

/** Security's own record of a new process says the same as Sysmon's, under other names. */
const audited = {
  when: { Channel: ['Security'], EventID: [4688] },
  fields: { Image: ['NewProcessName'], ParentImage: ['ParentProcessName'], LogonId: ['SubjectLogonId'] },
}

/** Microsoft Defender writes its fields with spaces between the words; rules name them without. */
const defenderFields = Object.fromEntries(
  [
    ...[
      'Product Name',
      'Product Version',
      'Detection ID',
      'Detection Time',
      'Detection User',
      'Threat ID',
      'Threat Name',
    ],
    ...['Severity ID', 'Severity Name', 'Category ID', 'Category Name', 'Status Code', 'Status Description'],
    ...['Source ID', 'Source Name', 'Process Name', 'Origin ID', 'Origin Name', 'Execution ID', 'Execution Name'],
    ...['Type ID', 'Type Name', 'Action ID', 'Action Name', 'Error Code', 'Error Description', 'Remediation User'],
    ...['Additional Actions ID', 'Additional Actions String', 'Engine Version', 'Old Value', 'New Value'],
    ...[
      'Feature Name',
      'Feature ID',
      'Scan ID',
      'Scan Type',
      'Scan Resources',
      'Scan Parameters',
      'Rule Name',
      'Involved File',
    ],
  ].map((name) => [name.replaceAll(' ', ''), [name, name.replaceAll(' ', '')]]),
)

/** Microsoft Defender's events that name a threat or a path. @see the same facts in thor.yml */
const defender: SourceMapping = {
  logsource: { category: 'antivirus' },
  events: [
    {
      when: {
        Channel: channels.windefend!,
        EventID: [1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116],
      },
      fields: { ...defenderFields, Signature: ['Threat Name', 'ThreatName'], Filename: ['Path'] },
    },
  ],
}

const attribute = (name: string): string[] => ['#attributes', name]

/**
 * Windows events as JSON, in both forms that collectors write: the nested one of the event's XML (`Event.System`, `Event.EventData`, `Event.UserData`)
 * and the flat one, where every field stands at the top beside `Channel` and `EventID`.
 */
export const windows: Mapping = {
  name: 'windows',
  shapes: [
    {
      name: 'nested',
      at: ['Event', 'System'],
      containers: [['Event', 'EventData'], ['Event', 'UserData', '*'], ['Event', 'System'], ['Event', 'UserData'], []],
      aliases: {
        Provider_Name: [['Event', 'System', 'Provider', ...attribute('Name')]],
        ProviderName: [['Event', 'System', 'Provider', ...attribute('Name')]],
        Source: [
          ['Event', 'EventData', 'Source'],
          ['Event', 'System', 'Provider', ...attribute('Name')],
        ],
        TimeCreated: [['Event', 'System', 'TimeCreated', ...attribute('SystemTime')]],
        ProcessID: [
          ['Event', 'EventData', 'ProcessID'],
          ['Event', 'System', 'Execution', ...attribute('ProcessID')],
        ],
        ThreadID: [
          ['Event', 'EventData', 'ThreadID'],
          ['Event', 'System', 'Execution', ...attribute('ThreadID')],
        ],
        UserID: [
          ['Event', 'EventData', 'UserID'],
          ['Event', 'System', 'Security', ...attribute('UserID')],
        ],
        EventLog: [['Event', 'System', 'Channel']],
        ComputerName: [
          ['Event', 'EventData', 'ComputerName'],
          ['Event', 'System', 'Computer'],
        ],
      },
    },
    {
      name: 'flat',
      at: [],
      containers: [[]],
      aliases: {
        Provider_Name: [['Provider_Name'], ['ProviderName'], ['SourceName']],
        Computer: [['Computer'], ['Hostname'], ['ComputerName']],
        ComputerName: [['ComputerName'], ['Computer'], ['Hostname']],
      },
    },
  ],
  sources: [
    { logsource: { product: 'windows' }, events: [{ when: { Channel: ['*'], EventID: ['*'] } }] },
    ...Object.entries(channels).map(([service, names]) => ({
      logsource: { product: 'windows', service },
      events: [{ when: { Channel: names }, ...(service === 'windefend' ? { fields: defenderFields } : {}) }],
    })),
    ...Object.entries(sysmonEvents).map(([category, ids]) => ({
      logsource: { product: 'windows', category },
      events: [{ when: { Channel: [sysmon], EventID: ids } }, ...(category === 'process_creation' ? [audited] : [])],
    })),
    ...Object.entries(serviceEvents).map(([category, [service, ids]]) => ({
      logsource: { product: 'windows', category },
      events: [{ when: { Channel: channels[service]!, EventID: ids } }],
    })),
    defender,
  ],
  declared: { product: 'logsource.product', category: 'logsource.category', service: 'logsource.service' },
  unknown: 'none',
}
