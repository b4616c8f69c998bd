import { cloud, type Fixture } from '../../../testing/fixture.ts'

const group = cloud('ec2/securityGroup:SecurityGroup', 'door')
const balancer = (internal: boolean) =>
  cloud('lb/loadBalancer:LoadBalancer', 'edge', { internal, securityGroups: ['door-id'] }, { needs: [group] })
const rule = (port: number, cidrIpv4: string, to = port) =>
  cloud(
    'vpc/securityGroupIngressRule:SecurityGroupIngressRule',
    'in',
    { securityGroupId: 'door-id', cidrIpv4, fromPort: port, toPort: to, ipProtocol: 'tcp' },
    { needs: [group] },
  )
const inline = cloud('ec2/securityGroup:SecurityGroup', 'inline', {
  ingress: [{ protocol: 'tcp', fromPort: 22, toPort: 22, ipv6CidrBlocks: ['::/0'] }],
})
const says = (port: string) => [
  `Port ${port} should not be open to the world: only 443 of a public load balancer may be.`,
]

export const fixture: Fixture = {
  good: [
    [group, balancer(false), rule(443, '0.0.0.0/0')],
    [group, rule(9092, '10.33.0.0/16')],
  ],
  bad: [
    { resources: [group, rule(443, '0.0.0.0/0')], says: says('443') },
    { resources: [group, balancer(true), rule(443, '0.0.0.0/0')], says: says('443') },
    { resources: [group, balancer(false), rule(0, '0.0.0.0/0', 65535)], says: says('0 to 65535') },
    { resources: [inline], says: says('22') },
  ],
}
