import { type Guardrail, type Violation, violation } from '../../model/guardrail.ts'
import { at, type GuardedResource, items, mayBe, refersTo } from '../../model/resource.ts'

const world = new Set<unknown>(['0.0.0.0/0', '::/0'])
const httpsPort = 443

interface Opening {
  readonly path: readonly (string | number)[]
  readonly sources: readonly unknown[]
  readonly from: unknown
  readonly to: unknown
}

/** Every way in that one resource opens, in the words of any of AWS's three spellings. */
function openings({ type, props }: GuardedResource): readonly Opening[] {
  const listed = (rule: unknown, path: Opening['path']): Opening => ({
    path,
    sources: [...items(at(rule, 'cidrBlocks')), ...items(at(rule, 'ipv6CidrBlocks'))],
    from: at(rule, 'fromPort'),
    to: at(rule, 'toPort'),
  })
  switch (type) {
    case 'aws:ec2/securityGroup:SecurityGroup':
    case 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup':
      return items(at(props, 'ingress')).map((rule, i) => listed(rule, ['ingress', i]))
    case 'aws:ec2/securityGroupRule:SecurityGroupRule':
      return at(props, 'type') === 'ingress' ? [listed(props, [])] : []
    case 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': {
      const sources = [at(props, 'cidrIpv4'), at(props, 'cidrIpv6')]
      return [{ path: [], sources, from: at(props, 'fromPort'), to: at(props, 'toPort') }]
    }
    default:
      return []
  }
}

const isPublic = (balancer: GuardedResource): boolean =>
  balancer.type === 'aws:lb/loadBalancer:LoadBalancer' && at(balancer.props, 'internal') !== true

/** Groups that a public load balancer answers with: there the world may come in, by HTTPS. */
function doors(resources: readonly GuardedResource[]): ReadonlySet<string> {
  const groups = resources.filter(({ type }) => type === 'aws:ec2/securityGroup:SecurityGroup')
  const balancers = resources.filter(isPublic)
  return new Set(groups.filter((group) => balancers.some((one) => refersTo(one, group))).map(({ urn }) => urn))
}

export const worldIngress: Guardrail = {
  name: 'no-world-open-ingress',
  title: 'Nobody outside comes in but by HTTPS at a public load balancer',
  severity: 'critical',
  frameworks: ['AWS FSBP EC2.18', 'AWS FSBP EC2.19', 'NSA Kubernetes Hardening: network separation'],
  remediation:
    'Name the security group or the network that may come in; put what the world may reach behind the load balancer.',
  scope: 'stack',
  judges: 'program',
  find: (resources) => {
    const open = doors(resources)
    const isDoor = (resource: GuardedResource): boolean =>
      open.has(resource.urn) || resource.dependencies.some((urn) => open.has(urn))
    return resources.flatMap((resource) =>
      openings(resource)
        .filter(({ sources }) => sources.some((source) => world.has(source)))
        .filter(({ from, to }) => !(mayBe(from, httpsPort) && mayBe(to, httpsPort) && isDoor(resource)))
        .map(
          ({ path, from, to }): Violation =>
            violation(
              resource,
              path,
              `Port ${from === to ? from : `${from} to ${to}`} should not be open to the world: only ${httpsPort} of a public load balancer may be.`,
            ),
        ),
    )
  },
}
