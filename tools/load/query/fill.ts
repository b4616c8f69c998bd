/** How the table that questions are asked of is made: inside the engine, by INSERT … SELECT. No collector and no sink take part. */
export interface FillOptions {
  readonly rows: number
  readonly tenants: number
  /** Milliseconds since the epoch: when the first event arrived, and the last. */
  readonly from: number
  readonly to: number
}

const channels = [
  'Security',
  'Microsoft-Windows-Sysmon/Operational',
  'System',
  'Microsoft-Windows-PowerShell/Operational',
  'Application',
  'Microsoft-Windows-WMI-Activity/Operational',
  'DNS Server',
  'Microsoft-Windows-TaskScheduler/Operational',
] as const

const list = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`
const literal = (ms: number): string =>
  `toDateTime64('${new Date(ms).toISOString().replace('T', ' ').slice(0, -1)}', 3, 'UTC')`
/** Of n values the k-th is drawn about 1/k as often as the first. */
const zipf = (n: number, draw: number): string => `least(toUInt32(pow(${n}, randCanonical(${draw}))) - 1, ${n - 1})`

/**
 * Rows `first` to `first + count` of it: 160 codes, each of one channel and one of 40 providers as real events are; up to 2,000 hosts a tenant; batches of
 * 1,000 with ids like a sender's; times up to five seconds before the arrival; about 450 bytes of JSON, of which a third is as good as random.
 */
export function fillStatement(
  { rows, tenants, from, to }: FillOptions,
  table: string,
  first: number,
  count: number,
): string {
  const step = (to - from) / rows
  const text = (...parts: string[]) => `concat(${parts.join(', ')})`
  return `INSERT INTO ${table} (tenant, arrival, time, batch, line, channel, code, provider, host, raw)
SELECT tenant, ${literal(from)} + number * ${step / 1_000} AS arrival, arrival - randCanonical(2) * 5 AS time,
  lower(hex(sipHash128(intDiv(number, 1000), tenant))) AS batch, number % 1000 AS line,
  ${list(channels)}[1 + least(intDiv(kind * kind, 3200), ${channels.length - 1})] AS channel, toString(4600 + kind) AS code,
  concat('Microsoft-Windows-Provider-', toString(intDiv(kind, 4))) AS provider,
  ${text("'host-'", `toString(${zipf(2_000, 3)})`, "'.'", 'tenant', "'.example'")} AS host,
  ${text(
    `'{"EventTime":"'`,
    'toString(time)',
    `'","Channel":"'`,
    'channel',
    `'","EventID":'`,
    'code',
    `',"SourceName":"'`,
    'provider',
    `'","Hostname":"'`,
    'host',
    `'","ProcessId":'`,
    'toString(rand(4) % 60000)',
    `',"TargetUserName":"user'`,
    `toString(${zipf(5_000, 5)})`,
    `'","IpAddress":"10.'`,
    'toString(rand(6) % 256)',
    "'.'",
    'toString(rand(7) % 256)',
    "'.'",
    'toString(rand(8) % 256)',
    `'","LogonGuid":"'`,
    'lower(hex(rand64(9)))',
    'lower(hex(rand64(10)))',
    `'","Message":"An account was logged on. Subject: security id, account name, account domain, logon id. Logon type: 3. The process is C:\\\\Windows\\\\System32\\\\svchost.exe"}'`,
  )} AS raw
FROM (SELECT number, concat('tenant-', toString(${zipf(tenants, 1)})) AS tenant, ${zipf(160, 0)} AS kind FROM numbers(${first}, ${count}))`
}

/** Alerts of the same tenants and span; each names one event as its evidence, which need not be there. */
export const alertsStatement = ({ tenants, from, to }: FillOptions, table: string, count: number): string =>
  `INSERT INTO ${table} (tenant, time, detected, alert, rule, title, level, kind, tags, group_values, hits, events)
SELECT concat('tenant-', toString(${zipf(tenants, 1)})) AS tenant, ${literal(from)} + number * ${(to - from) / count / 1_000} AS time, time + 1,
  lower(hex(sipHash128(number))), concat('rule-', toString(${zipf(300, 2)})), 'Suspicious logon', ['low', 'medium', 'high', 'critical'][1 + number % 4],
  'rule', ['attack.t1078'], '{}', 1, [(lower(hex(sipHash128(number))), toUInt32(0))] FROM numbers(${count})`
