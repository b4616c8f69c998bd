import type { EnvironmentPolicy } from './model/environment.ts'
import type { InletPolicy, PortName, ServicePolicy } from './model/service.ts'

export interface Inlet extends InletPolicy {
  readonly name: PortName
  readonly port: number
}

/** The inlets of a service that are open in an environment: those in the clear only where it takes them. */
export const openInlets = (
  { inlets = {}, ports }: Pick<ServicePolicy, 'inlets' | 'ports'>,
  { clearInlets }: Pick<EnvironmentPolicy, 'clearInlets'>,
): readonly Inlet[] =>
  (Object.entries(inlets) as [PortName, InletPolicy][]).flatMap(([name, inlet]) => {
    const port = ports[name]
    return port === undefined || (inlet.clear && !clearInlets) ? [] : [{ ...inlet, name, port }]
  })

/** The ports on which a service's pods listen in an environment: all but the inlets that are closed there. */
export function listeningPorts(
  service: Pick<ServicePolicy, 'inlets' | 'ports'>,
  environment: Pick<EnvironmentPolicy, 'clearInlets'>,
): readonly { readonly name: PortName; readonly port: number; readonly protocol: 'TCP' | 'UDP' }[] {
  const open = new Map(openInlets(service, environment).map((inlet) => [inlet.name, inlet]))
  return (Object.entries(service.ports) as [PortName, number][]).flatMap(([name, port]) => {
    if (service.inlets?.[name] === undefined) return [{ name, port, protocol: 'TCP' as const }]
    const inlet = open.get(name)
    return inlet ? [{ name, port, protocol: inlet.protocol }] : []
  })
}
