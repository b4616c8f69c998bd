import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AddressPlan, conflict, freePlan, type TakenNetwork } from '../address.ts'
import { uplink } from '../config/node.ts'
import { LocalRegionError } from '../errors.ts'
import { command, tryCommand } from './command.ts'

/** The machine's end of the cable into a region. */
export const hostLink = (name: string): string => `nd-${name}`

/** The networks in `ip route` output: all but default routes. */
export function parseRoutes(text: string): TakenNetwork[] {
  const found: TakenNetwork[] = []
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/)
    const kinds = ['unreachable', 'blackhole', 'prohibit', 'broadcast', 'local', 'anycast', 'multicast']
    const cidr = kinds.includes(words[0] ?? '') ? words[1] : words[0]
    if (!cidr || !/^\d+(\.\d+){0,3}(\/\d+)?$/.test(cidr) || cidr === '0.0.0.0/0') continue
    const device = words.indexOf('dev')
    found.push({ cidr, holder: device > 0 ? `link ${words[device + 1]}` : `route '${line.trim()}'` })
  }
  return found
}

/** Every network that the machine routes now, in any table. */
const takenNetworks = async (): Promise<TakenNetwork[]> =>
  parseRoutes(await command('ip', ['-4', 'route', 'show', 'table', 'all']))

const fence = (plan: AddressPlan): string[] => ['unreachable', plan.network, 'metric', '4242']

/**
 * Takes a network for a region by adding its unreachable route: what is not reached by the cable ends on this machine. The kernel
 * adds such a route once, so two regions that start at the same moment cannot take the same. `wanted` is the plan of a region that
 * exists already and cannot move. Throws ADDRESS_TAKEN or NO_FREE_ADDRESSES.
 */
export async function claimNetwork(reserved: ReadonlySet<number>, wanted?: AddressPlan): Promise<AddressPlan> {
  const lost = new Set<number>(reserved)
  for (;;) {
    const taken = await takenNetworks()
    const plan = wanted ?? freePlan(taken, lost)
    const holder = wanted && conflict(wanted, taken)
    if (holder)
      throw new LocalRegionError(
        'ADDRESS_TAKEN',
        `The region lives in ${wanted.network}, and ${holder.cidr} is held by ${holder.holder}. Remove that, or take the region down with its data ('make down') and make a new one.`,
      )
    const { code, stderr } = await tryCommand('ip', ['route', 'add', ...fence(plan)])
    if (code === 0) return plan
    if (!stderr.includes('File exists'))
      throw new LocalRegionError('COMMAND_FAILED', `The route for ${plan.network} cannot be added: ${stderr.trim()}`)
    if (!wanted) lost.add(plan.index)
  }
}

/** Lays the cable: one end here, the other inside the namespaces of process `pid`. */
export async function connectHost(name: string, plan: AddressPlan, pid: number): Promise<void> {
  const link = hostLink(name)
  const peer = ['peer', 'name', uplink, 'netns', String(pid)]
  await command('ip', ['link', 'add', link, 'type', 'veth', ...peer])
  silenceIpv6(link)
  await command('ip', ['address', 'add', `${plan.hostAddress}/24`, 'dev', link])
  await command('ip', ['link', 'set', link, 'up'])
}

/** No router advertisement or neighbour discovery on the cable. A kernel without IPv6 has nothing to silence. */
function silenceIpv6(link: string): void {
  const setting = `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`
  if (existsSync(setting)) writeFileSync(setting, '1')
}

/** Removes cable and routes of a region. Needs neither to be there. */
export async function disconnectHost(name: string, plan: AddressPlan | undefined): Promise<void> {
  const link = hostLink(name)
  await tryCommand('ip', ['link', 'delete', link])
  if (plan) await tryCommand('ip', ['route', 'delete', ...fence(plan)])
  for (let tries = 0; tries < 50; tries++) {
    if ((await tryCommand('ip', ['link', 'show', link])).code !== 0) return
    await sleep(100)
  }
  throw new LocalRegionError('LEFTOVER', `The link ${link} does not go away; remove it with 'ip link delete ${link}'.`)
}
