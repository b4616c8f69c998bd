import type { IGateway } from '@kubernetes-models/istio/networking.istio.io/v1beta1'
import type { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { nodeOf } from '../names.ts'
import { asText } from '../output-resolver.ts'
import { issuedCertificate } from '../workload/certificate.ts'
import { publicHosts } from './entry.ts'
import { crossesRegions, entries, inside, managed } from './graph.ts'
import { gatewayOf, hostOf } from './identity.ts'
import { meshObject } from './object.ts'

/** Where the gateways' pods listen. Below 1024 they would need a right that the restricted profile does not give. */
export const ingressPort = 8443
/** Istio's own: the port that other networks come in by, and where a gateway says how it is. */
const eastWestPort = 15_443
const statusPort = 15_021

type Server = NonNullable<NonNullable<IGateway['spec']>['servers']>[number]

type Gateway = ReturnType<typeof gatewayOf>

/** Lets everybody come to one port of a gateway's pods; who may reach it, the network says. */
const openTo = (construct: Construct, { name, namespace, labels }: Gateway, port: number): ApiObject =>
  meshObject(
    construct,
    'allow',
    'AuthorizationPolicy',
    { name, namespace },
    {
      selector: { matchLabels: labels },
      action: 'ALLOW',
      rules: [{ to: [{ operation: { ports: [`${port}`] } }] }],
    },
  )

/**
 * The way in for other regions, to what they may call: it reads the service's name from the handshake and passes on, so it is the
 * called pod that knows the caller.
 */
class EastWest extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'east-west')
    const gateway = gatewayOf('eastwest')
    const { name, namespace } = gateway
    meshObject(
      this,
      'gateway',
      'Gateway',
      { name, namespace },
      {
        selector: gateway.labels,
        servers: [
          {
            port: { number: eastWestPort, name: 'tls', protocol: 'TLS' },
            tls: { mode: 'AUTO_PASSTHROUGH' },
            hosts: inside(scope)
              .filter((service) => crossesRegions(scope, service))
              .map((service) => hostOf(scope, service)),
          },
        ],
      },
    )
    openTo(this, gateway, eastWestPort)
  }
}

/**
 * Where callers from outside come in. Who they want is not asked in the handshake: a load balancer names nobody in it, nor does who knows an
 * address alone. Which hosts there are, say the routes of the namespaces.
 */
export const entrance = (gateway: string, namespaces: Iterable<string>): Server => ({
  port: { number: ingressPort, name: 'https', protocol: 'HTTPS' },
  tls: { mode: 'SIMPLE', credentialName: `${gateway}-tls`, minProtocolVersion: 'TLSV1_2' },
  hosts: [...namespaces].map((owner) => `${owner}/*`),
})

const alb = (name: string): string => `alb.ingress.kubernetes.io/${name}`

/** The way in for callers from outside: load balancer with certificate and rules, then the gateway, then the services. */
class Ingress extends Construct {
  constructor(parent: Construct, scope: ChartScope, entry: NonNullable<ManagedCluster['entry']>) {
    super(parent, 'ingress')
    const gateway = gatewayOf('ingress')
    const { name, namespace } = gateway
    const hosts = entries(scope).flatMap((service) => publicHosts(scope, service))
    const owners = new Set(entries(scope).map((service) => nodeOf(scope, service).namespace))
    // Between load balancer and gateway the environment's own authority is enough: nobody looks at the name.
    issuedCertificate(this, scope, { name, namespace, dnsNames: [`${name}.${namespace}.svc`] })
    meshObject(
      this,
      'gateway',
      'Gateway',
      { name, namespace },
      {
        selector: gateway.labels,
        servers: [entrance(name, owners)],
      },
    )
    // The load balancer is no member of the mesh.
    openTo(this, gateway, ingressPort)
    const backend = { service: { name, port: { name: 'https' } } }
    new k8s.KubeIngress(this, 'load-balancer', {
      metadata: {
        name,
        namespace,
        annotations: {
          [alb('scheme')]: 'internet-facing',
          [alb('target-type')]: 'ip',
          [alb('listen-ports')]: '[{"HTTPS":443}]',
          [alb('ssl-policy')]: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          [alb('certificate-arn')]: asText(entry.certificate),
          [alb('wafv2-acl-arn')]: asText(entry.webAcl),
          [alb('backend-protocol')]: 'HTTPS',
          [alb('healthcheck-protocol')]: 'HTTP',
          [alb('healthcheck-port')]: `${statusPort}`,
          [alb('healthcheck-path')]: '/healthz/ready',
          [alb('load-balancer-attributes')]:
            'deletion_protection.enabled=true,routing.http.drop_invalid_header_fields.enabled=true',
        },
      },
      spec: {
        ingressClassName: 'alb',
        rules: hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
      },
    })
  }
}

/** What the gateways of a region let through. Their pods and addresses are the release's (operators/istio-gateway.ts). */
export class Gateways extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'gateways')
    new EastWest(this, scope)
    const { entry } = managed(scope)
    if (entry) new Ingress(this, scope, entry)
  }
}
