import type { ClassName } from './classes.ts'

/** What a line of a program means. Groups of the pattern name the attributes: actor, target, process, src, sport, dst, dport. */
export interface LineMapping {
  readonly pattern: RegExp
  readonly class: ClassName
  readonly activity: number
  readonly status?: 'success' | 'failure'
}

// Each pattern is anchored or begins with a fixed text, and none nests repetitions: lines come from anybody.
const sshd: readonly LineMapping[] = [
  {
    pattern: /^Accepted \S{1,64} for (?<target>\S{1,256}) from (?<src>\S{2,80}) port (?<sport>\d{1,5})/,
    class: 'authentication',
    activity: 1,
    status: 'success',
  },
  {
    pattern: /^Failed \S{1,64} for (?:invalid user )?(?<target>\S{0,256}) from (?<src>\S{2,80}) port (?<sport>\d{1,5})/,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
  {
    pattern: /^(?:Invalid|Illegal) user (?<target>\S{0,256}) from (?<src>\S{2,80})(?: port (?<sport>\d{1,5}))?/,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
  {
    pattern:
      /^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?<target>\S{1,256}) from (?<src>\S{2,80}) port (?<sport>\d{1,5})/,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
  {
    pattern: /^Connection from (?<src>\S{2,80}) port (?<sport>\d{1,5}) on (?<dst>\S{2,80}) port (?<dport>\d{1,5})/,
    class: 'ssh',
    activity: 1,
  },
  {
    pattern:
      /^(?:Connection (?:closed|reset) by|Received disconnect from|Disconnected from|Disconnecting) (?:(?:authenticating|invalid)? ?user (?<target>\S{1,256}) )?(?<src>\S{2,80}) port (?<sport>\d{1,5})/,
    class: 'ssh',
    activity: 2,
  },
]

const pam: readonly LineMapping[] = [
  {
    pattern: /^pam_unix\([\w:-]{1,64}\): session opened for user (?<target>[^\s(]{1,256})/,
    class: 'authentication',
    activity: 1,
    status: 'success',
  },
  {
    pattern: /^pam_unix\([\w:-]{1,64}\): session closed for user (?<target>[^\s(]{1,256})/,
    class: 'authentication',
    activity: 2,
    status: 'success',
  },
  {
    pattern:
      /^pam_unix\([\w:-]{1,64}\): authentication failure;.{0,256}? ruser=(?<actor>\S{0,256}) rhost=(?<src>\S{0,80})(?:\s{1,4}user=(?<target>\S{1,256}))?/,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
]

const sudo: readonly LineMapping[] = [
  {
    pattern:
      /^(?<actor>\S{1,256}) : (?:user NOT in sudoers|\d{1,3} incorrect password|command not allowed|a password is required)/,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
  {
    pattern:
      /^(?<actor>\S{1,256}) : TTY=.{0,512}?; USER=(?<target>[^\s;]{1,256}) ;.{0,512}?COMMAND=(?<process>\S{1,512})/,
    class: 'process',
    activity: 1,
    status: 'success',
  },
]

const su: readonly LineMapping[] = [
  {
    pattern: /^\(to (?<target>\S{1,256})\) (?<actor>\S{1,256}) on /,
    class: 'authentication',
    activity: 1,
    status: 'success',
  },
  {
    pattern: /^FAILED (?:SU|su) \(to (?<target>\S{1,256})\) (?<actor>\S{1,256}) on /,
    class: 'authentication',
    activity: 1,
    status: 'failure',
  },
]

const cron: readonly LineMapping[] = [
  { pattern: /^\((?<actor>[^)]{1,256})\) CMD \((?<process>[^\s)]{1,512})/, class: 'job', activity: 6 },
  { pattern: /^\((?<actor>[^)]{1,256})\) (?:REPLACE|BEGIN EDIT|END EDIT|LIST)/, class: 'job', activity: 2 },
]

const accounts: readonly LineMapping[] = [
  { pattern: /^new user: name=(?<target>[^\s,]{1,256})/, class: 'account', activity: 1, status: 'success' },
  { pattern: /^delete user '(?<target>[^']{1,256})'/, class: 'account', activity: 6, status: 'success' },
  { pattern: /^lock user '(?<target>[^']{1,256})'/, class: 'account', activity: 9, status: 'success' },
  { pattern: /^change user '(?<target>[^']{1,256})'/, class: 'account', activity: 99, status: 'success' },
  {
    pattern: /^(?:pam_unix\([\w:-]{1,64}\): )?password changed for (?<target>\S{1,256})/,
    class: 'account',
    activity: 3,
    status: 'success',
  },
  { pattern: /^new group: name=(?<target>[^\s,]{1,256})/, class: 'group', activity: 6, status: 'success' },
  { pattern: /^add '(?<target>[^']{1,256})' to (?:shadow )?group/, class: 'group', activity: 3, status: 'success' },
]

const packets =
  /SRC=(?<src>[\da-fA-F.:]{2,45}) DST=(?<dst>[\da-fA-F.:]{2,45})(?:.{0,300}? SPT=(?<sport>\d{1,5}) DPT=(?<dport>\d{1,5}))?/
const kernel: readonly LineMapping[] = [
  {
    pattern: new RegExp(`^(?:\\[[ \\d.]{1,24}\\] )?\\[?(?:UFW )?(?:BLOCK|DROP|REJECT|DENY).{0,400}?${packets.source}`),
    class: 'network',
    activity: 5,
    status: 'failure',
  },
  { pattern: new RegExp(`^.{0,400}?${packets.source}`), class: 'network', activity: 6 },
]

const systemd: readonly LineMapping[] = [
  { pattern: /^(?:Started|Starting|Finished) /, class: 'lifecycle', activity: 3 },
  { pattern: /^(?:Stopped|Stopping) /, class: 'lifecycle', activity: 4 },
  {
    pattern: /^(?:New session \S{1,64} of user|Created slice User Slice of) (?<target>[^\s.]{1,256})/,
    class: 'authentication',
    activity: 1,
    status: 'success',
  },
  { pattern: /^(?:Removed session|Session) \S{1,64}/, class: 'authentication', activity: 2 },
]

const dhcp: readonly LineMapping[] = [
  { pattern: /^DHCP(?:DISCOVER|REQUEST|OFFER|ACK|NAK|RELEASE|INFORM|DECLINE)\b/, class: 'dhcp', activity: 99 },
]

const dns: readonly LineMapping[] = [
  {
    pattern:
      /^(?:client (?:@\S{1,32} )?(?<src>[\da-fA-F.:]{2,45})#(?<sport>\d{1,5})|query\[\w{1,16}\] \S{1,256} from (?<src2>\S{2,80}))/,
    class: 'dns',
    activity: 1,
  },
]

/** Cisco's ASA and FTD: `%ASA-6-302013` is the program's name, as the syslog parser has it. */
export const cisco: readonly LineMapping[] = [
  {
    pattern:
      /^Built \S{1,16} \S{1,16} connection \d{1,20} for [^:\s]{1,64}:(?<src>[\da-fA-F.:]{2,45})\/(?<sport>\d{1,5}).{0,80}? to [^:\s]{1,64}:(?<dst>[\da-fA-F.:]{2,45})\/(?<dport>\d{1,5})/,
    class: 'network',
    activity: 1,
    status: 'success',
  },
  {
    pattern:
      /^Teardown \S{1,16} connection \d{1,20} for [^:\s]{1,64}:(?<src>[\da-fA-F.:]{2,45})\/(?<sport>\d{1,5}).{0,80}? to [^:\s]{1,64}:(?<dst>[\da-fA-F.:]{2,45})\/(?<dport>\d{1,5})/,
    class: 'network',
    activity: 2,
  },
  {
    pattern:
      /^(?:Deny|Denied)\b.{0,64}? src [^:\s]{1,64}:(?<src>[\da-fA-F.:]{2,45})(?:\/(?<sport>\d{1,5}))?.{0,80}? dst [^:\s]{1,64}:(?<dst>[\da-fA-F.:]{2,45})(?:\/(?<dport>\d{1,5}))?/,
    class: 'network',
    activity: 5,
    status: 'failure',
  },
]

/** Lines by the program that writes them, in lower case; the first that matches counts. */
export const programs: Readonly<Record<string, readonly LineMapping[]>> = {
  sshd: [...sshd, ...pam],
  'sshd-session': [...sshd, ...pam],
  sudo: [...sudo, ...pam],
  su: [...su, ...pam],
  login: pam,
  gdm: pam,
  'systemd-logind': systemd,
  systemd,
  cron: [...cron, ...pam],
  crond: [...cron, ...pam],
  crontab: cron,
  useradd: accounts,
  userdel: accounts,
  usermod: accounts,
  passwd: accounts,
  chpasswd: accounts,
  groupadd: accounts,
  gpasswd: accounts,
  kernel,
  dhclient: dhcp,
  dhcpd: dhcp,
  named: dns,
  dnsmasq: dns,
  'dnsmasq-dhcp': dhcp,
}
