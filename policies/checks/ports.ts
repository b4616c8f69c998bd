import { type Broken, type Check, unless } from './check.ts'

const within = (value: number, from: number, to: number): boolean =>
  Number.isInteger(value) && value >= from && value <= to

export const ports: Check = {
  rule: 'ports',
  purpose: 'two listeners on one port do not start, and Kubernetes refuses node ports outside its range',
  find: ({ services }) => {
    const nodePorts = new Map<number, string>()
    return Object.entries(services).flatMap(([name, { ports: own, nodePort }]): Broken[] => {
      const taken = new Map<number, string>()
      const broken = Object.entries(own).flatMap(([port, number]): Broken[] => {
        const path = `services.${name}.ports.${port}`
        const other = taken.get(number)
        taken.set(number, port)
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
      if (nodePort === undefined) return broken
      const path = `services.${name}.nodePort`
      const other = nodePorts.get(nodePort)
      nodePorts.set(nodePort, name)
      return [
        ...broken,
        ...unless(within(nodePort, 30_000, 32_767), path, nodePort, 'must be a whole number from 30000 to 32767.'),
        ...unless(other === undefined, path, nodePort, `must differ from the node port of '${other}'.`),
      ]
    })
  },
}
