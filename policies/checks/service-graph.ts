import type { PortName } from '../model/service.ts'
import { type Broken, type Check, unless } from './check.ts'

const names = (of: object): string => Object.keys(of).join(', ') || 'it has none'

export const serviceGraph: Check = {
  rule: 'service-graph',
  purpose: 'each edge opens a port, and an edge to nothing hides a caller that will be refused',
  find: ({ services }) =>
    Object.entries(services).flatMap(([name, { calls, entry, nodePort, ports, inlets = {} }]): Broken[] => {
      const at = `services.${name}`
      const seen = new Set<string>()
      return [
        ...calls.flatMap(({ service, port }, i): Broken[] => {
          const edge = `${service}:${port}`
          const again = seen.has(edge)
          seen.add(edge)
          const target = services[service]
          if (!target)
            return unless(false, `${at}.calls.${i}.service`, service, `must be a service: ${names(services)}.`)
          return [
            ...unless(
              target.ports[port] !== undefined,
              `${at}.calls.${i}.port`,
              port,
              `must be a port of ${service}: ${names(target.ports)}.`,
            ),
            ...unless(!again, `${at}.calls.${i}`, edge, 'must be listed once.'),
          ]
        }),
        ...unless(
          entry === undefined || ports[entry] !== undefined,
          `${at}.entry`,
          entry,
          `must be one of its ports: ${names(ports)}.`,
        ),
        ...Object.keys(inlets).flatMap((inlet) =>
          unless(
            ports[inlet as PortName] !== undefined && inlet !== entry,
            `${at}.inlets.${inlet}`,
            inlet,
            `must be one of its ports and not its entry: ${names(ports)}.`,
          ),
        ),
        ...unless(
          (entry === undefined) === (nodePort === undefined),
          `${at}.nodePort`,
          nodePort,
          "must be set exactly where there is an 'entry'.",
        ),
      ]
    }),
}
