import type { PortName, ServicePolicy } from '../../../model/service.ts'
import { services } from '../../../services.ts'
import { type Guardrail, type Violation, violation } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'
import { at, fields, type GuardedResource, isGiven, items, mayBe, unknown } from '../../model/resource.ts'

const httpsPort = 443
/** Inlets of services that take nothing in the clear: every sender shows a certificate there. */
const tlsPorts = Object.values(services as Readonly<Record<string, ServicePolicy>>).flatMap(({ inlets = {}, ports }) =>
  Object.entries(inlets).flatMap(([name, { clear }]) => (clear ? [] : (ports[name as PortName] ?? []))),
)
const publicPorts = [httpsPort, ...tlsPorts]
const scheme = 'service.beta.kubernetes.io/aws-load-balancer-scheme'

type Path = readonly (string | number)[]

/** Where a resource describes a Service of Kubernetes: its annotations and its spec. */
function serviceOf(resource: GuardedResource): { readonly annotations: unknown; readonly path: Path } | undefined {
  const { type, props } = resource
  if (kindOf(resource) === 'Service') return { annotations: at(props, 'metadata', 'annotations'), path: ['spec'] }
  // A chart of somebody else that makes its own Service: the usual names of its values.
  if (type === 'kubernetes:helm.sh/v3:Release')
    return { annotations: at(props, 'values', 'service', 'annotations'), path: ['values', 'service'] }
  return undefined
}

function judge(resource: GuardedResource): readonly Violation[] {
  const { annotations, path } = serviceOf(resource) ?? {}
  if (!path) return []
  const spec = at(resource.props, ...path)
  const narrow = items(at(spec, 'loadBalancerSourceRanges')).filter((range) => range !== '0.0.0.0/0')
  const internal = fields(annotations).some(([key, value]) => key === scheme && mayBe(value, 'internal'))
  if (at(spec, 'type') !== 'LoadBalancer' || internal || isGiven(narrow)) return []
  return items(at(spec, 'ports')).flatMap((port, i) =>
    publicPorts.some((one) => mayBe(at(port, 'port'), one))
      ? []
      : [
          violation(
            resource,
            [...path, 'ports', i],
            `Port ${String(at(port, 'port'))} should not be open to the world: a public load balancer listens on ${publicPorts.join(' and ')} alone.`,
          ),
        ],
  )
}

const listens = 'alb.ingress.kubernetes.io/listen-ports'

/** The listeners of an Ingress that the world reaches; without a list there is one for plain HTTP. */
function judgeIngress(ingress: GuardedResource): readonly Violation[] {
  const annotations = at(ingress.props, 'metadata', 'annotations')
  const open = at(annotations, 'alb.ingress.kubernetes.io/scheme')
  const list = at(annotations, listens)
  const isHttpsAlone =
    list === unknown || (typeof list === 'string' && list.replaceAll(/\s/g, '') === `[{"HTTPS":${httpsPort}}]`)
  return open !== 'internet-facing' || isHttpsAlone
    ? []
    : [
        violation(
          ingress,
          ['metadata', 'annotations', listens],
          `${listens} should be [{"HTTPS":${httpsPort}}]: a public load balancer listens for HTTPS alone.`,
        ),
      ]
}

export const loadBalancerHttps: Guardrail = {
  name: 'load-balancer-https',
  title: 'A public load balancer listens for HTTPS and the TLS inlets of services alone',
  severity: 'critical',
  frameworks: ['NSA Kubernetes Hardening: network separation'],
  remediation: `Take the port away, make the balancer internal (${scheme}: internal), or name who may come in loadBalancerSourceRanges.`,
  scope: 'resource',
  judges: 'manifest',
  find: (resources) => resources.flatMap((one) => (kindOf(one) === 'Ingress' ? judgeIngress(one) : judge(one))),
}
