import { readFileSync } from 'node:fs'

/** Drops of the sockets on a UDP port, out of the text of /proc/net/udp or udp6. */
export function dropsIn(table: string, port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.split(':')[1] === wanted) drops += Number(columns.at(-1))
  }
  return drops
}

/** What the kernel has dropped of a UDP port since its sockets were opened, in this network namespace. 0 where there is no /proc. */
export function kernelDrops(port: number, proc = '/proc/self/net'): number {
  let drops = 0
  for (const table of ['udp', 'udp6']) {
    try {
      drops += dropsIn(readFileSync(`${proc}/${table}`, 'utf8'), port)
    } catch {
      // Not Linux, or no IPv6.
    }
  }
  return drops
}
