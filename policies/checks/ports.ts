import type { PortName } from '../model/service.ts'
import { type Broken, type Check, unless } from './check.ts'

const within = (value: number, from: number, to: number): boolean =>
  Number.isInteger(value) && value >= from && value <= to

export const ports: Check = {
  rule: 'ports',
  purpose: 'two listeners on one port do not start, and Kubernetes refuses node ports outside its range',
  find: ({ services, environments }) => {
    const nodePorts = new Map<string, string>()
    const claim = (path: string, number: number, protocol: string, owner: string): Broken[] => {
      const other = nodePorts.get(`${number}/${protocol}`)
      nodePorts.set(`${number}/${protocol}`, owner)
      return [
        ...unless(within(number, 30_000, 32_767), path, number, 'must be a whole number from 30000 to 32767.'),
        ...unless(other === undefined, path, number, `must differ from the node port of '${other}'.`),
      ]
    }
    const ofServices = Object.entries(services).flatMap(([name, { ports: own, nodePort, inlets = {} }]): Broken[] => {
      const taken = new Map<string, string>()
      const broken = Object.entries(own).flatMap(([port, number]): Broken[] => {
        const path = `services.${name}.ports.${port}`
        const listener = `${number}/${inlets[port as PortName]?.protocol ?? 'TCP'}`
        const other = taken.get(listener)
        taken.set(listener, port)
        return [
          ...unless(
            within(number, 1_024, 65_535),
            path,
            number,
            'must be a whole number from 1024 to 65535: pods run without the right to lower ones.',
          ),
          ...unless(other === undefined, path, number, `must differ from the port '${other}'.`),
        ]
      })
      const outside = [
        ...(nodePort === undefined ? [] : [{ path: `services.${name}.nodePort`, number: nodePort, protocol: 'TCP' }]),
        ...Object.entries(inlets).map(([inlet, { nodePort: number, protocol }]) => ({
          path: `services.${name}.inlets.${inlet}.nodePort`,
          number,
          protocol,
        })),
      ]
      return [...broken, ...outside.flatMap(({ path, number, protocol }) => claim(path, number, protocol, name))]
    })
    const gateways = Object.entries(environments).flatMap(([name, { mesh }]) =>
      mesh ? claim(`environments.${name}.mesh.nodePort`, mesh.nodePort, 'TCP', 'the gateway of the mesh') : [],
    )
    return [...ofServices, ...gateways]
  },
}
