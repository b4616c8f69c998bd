import { dirname } from 'node:path'
import type { AddressPlan } from '../address.ts'
import type { Preparation } from '../supervisor/plan.ts'
import { bridge } from './node.ts'

/** A fixed address keeps the bridge from taking over each new pod's. */
const bridgeMac = (index: number): string => `02:6e:64:00:${index.toString(16).padStart(2, '0')}:01`

const setting = (name: string, value: string, optional = false): Preparation => ({
  write: `/proc/sys/net/${name}`,
  text: value,
  optional,
})

/**
 * What happens inside the namespaces before the first component: folders whose places programs have built in become private,
 * and the network gets its bridge and its fences. Without a default route, no packet has a way out.
 */
export function preparations(plan: AddressPlan, iptables: string, keepWritable: readonly string[]): Preparation[] {
  // TCP by a reset: the kernel sends only so many ICMP messages a second, and a refusal that is not sent is a time-out.
  const reject = (chain: string): Preparation[] => [
    {
      run: [
        ...[iptables, '-w', '-A', chain, '-d', plan.serviceCidr, '-p', 'tcp'],
        ...['-j', 'REJECT', '--reject-with', 'tcp-reset'],
      ],
    },
    { run: [iptables, '-w', '-A', chain, '-d', plan.serviceCidr, '-j', 'REJECT'] },
  ]
  return [
    ...privateFolders(keepWritable),
    ...privateSettings(),
    setting('ipv6/conf/all/disable_ipv6', '1', true),
    setting('ipv6/conf/default/disable_ipv6', '1', true),
    setting('ipv4/ip_forward', '1'),
    // Service addresses come in and go out by the bridge: without this each refusal would be preceded by a redirect.
    setting('ipv4/conf/all/send_redirects', '0'),
    setting('ipv4/conf/default/send_redirects', '0'),
    { run: ['ip', 'link', 'set', 'lo', 'up'] },
    { run: ['ip', 'link', 'add', bridge, 'address', bridgeMac(plan.index), 'type', 'bridge'] },
    { run: ['ip', 'address', 'add', `${plan.nodeAddress}/24`, 'dev', bridge] },
    { run: ['ip', 'link', 'set', bridge, 'up'] },
    setting('bridge/bridge-nf-call-iptables', '1'),
    // Local clients need a route to reach the translation of service addresses; what is not translated is refused at once.
    { run: ['ip', 'route', 'add', plan.serviceCidr, 'dev', bridge] },
    ...reject('OUTPUT'),
    ...reject('FORWARD'),
    // Pods answer the machine, but open no connection to it.
    {
      run: [
        ...[iptables, '-w', '-A', 'FORWARD', '-d', plan.hostAddress],
        ...['-m', 'conntrack', '--ctstate', 'NEW', '-j', 'REJECT'],
      ],
    },
  ]
}

/** Kernel settings of the whole machine that a kubelet sets as it likes them. It gets files of its own in their place. */
const kubeletSettings = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

const privateSettings = (): Preparation[] =>
  Object.entries(kubeletSettings).flatMap(([name, text]) => {
    const copy = `/run/neurodefender/settings/${name}`
    return [
      { folder: dirname(copy) },
      { write: copy, text: `${text}\n` },
      { run: ['mount', '-n', '--bind', copy, `/proc/sys/${name}`] },
    ]
  })

/** `-n`: mount(8) keeps no book of its own, which it would begin in the machine's /run. */

/** /run and /var/log empty and /var/lib a layer in memory: two regions and the machine's own containerd never meet there. */
function privateFolders(keepWritable: readonly string[]): Preparation[] {
  const below = keepWritable.filter((path) => path.startsWith('/var/lib/'))
  const kept = '/run/neurodefender/var-lib'
  return [
    { run: ['mount', '-n', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run'] },
    { run: ['mount', '-n', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/var/log'] },
    ...[kept, '/run/neurodefender/upper', '/run/neurodefender/work'].map((folder) => ({ folder })),
    { run: ['mount', '-n', '--bind', '/var/lib', kept] },
    {
      run: [
        ...['mount', '-n', '-t', 'overlay', 'overlay', '-o'],
        `lowerdir=${kept},upperdir=/run/neurodefender/upper,workdir=/run/neurodefender/work`,
        '/var/lib',
      ],
    },
    ...below.flatMap((path) => [{ run: ['mount', '-n', '--bind', `${kept}${path.slice('/var/lib'.length)}`, path] }]),
    ...['/run/lock', '/run/netns', '/run/cni', '/run/containerd'].map((folder) => ({ folder })),
  ]
}
