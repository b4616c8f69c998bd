import { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'
import { asText } from '../output-resolver.ts'
import { type Entry, entryOf, publicHosts } from './entry.ts'
import { crossesRegions, entries, inside, managed } from './graph.ts'
import { eastWestGateway, hostOf, ingressGateway, ingressNamespace, networkName, rootNamespace } from './identity.ts'
import { meshObject } from './object.ts'

/** Where gateways listen. Below 1024 they would need a right that the restricted profile does not give. */
export const ingressPort = 8443
/** Istio's own: the port that other networks come in by, and where a gateway says how it is. */
export const eastWestPort = 15_443
export const statusPort = 15_021

/** The Secret with the ingress gateway's certificate for the load balancer. */
const ingressCertificate = 'ingressgateway-tls'

/** The authority of the environment as cert-manager knows it. */
export const issuer = {
  group: 'awspca.cert-manager.io',
  kind: 'AWSPCAClusterIssuer',
  name: 'neurodefender',
} as const

const selector = (gateway: string): Record<string, string> => ({ istio: gateway })

const servicePort = (name: string, port: number): k8s.ServicePort => ({
  name,
  port,
  targetPort: k8s.IntOrString.fromNumber(port),
  protocol: 'TCP',
})

/** Lets everybody come to one port of a gateway's pods; who may reach it, the network says. */
const openTo = (
  construct: Construct,
  metadata: { readonly name: string; readonly namespace: string },
  gateway: string,
  port: number,
): ApiObject =>
  meshObject(construct, 'allow', 'AuthorizationPolicy', metadata, {
    selector: { matchLabels: selector(gateway) },
    action: 'ALLOW',
    rules: [{ to: [{ operation: { ports: [`${port}`] } }] }],
  })

/**
 * The way in for other regions, to what they may call: it reads the service's name from the handshake and passes on, so it is the
 * called pod that knows the caller.
 */
class EastWest extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'east-west')
    const { network, peers } = managed(scope)
    const metadata = { name: eastWestGateway, namespace: rootNamespace }
    meshObject(this, 'gateway', 'Gateway', metadata, {
      selector: selector(eastWestGateway),
      servers: [
        {
          port: { number: eastWestPort, name: 'tls', protocol: 'TLS' },
          tls: { mode: 'AUTO_PASSTHROUGH' },
          hosts: inside(scope)
            .filter((service) => crossesRegions(scope, service))
            .map((service) => hostOf(scope, service)),
        },
      ],
    })
    openTo(this, metadata, eastWestGateway, eastWestPort)
    new k8s.KubeService(this, 'service', {
      metadata: {
        ...metadata,
        labels: { ...selector(eastWestGateway), 'topology.istio.io/network': networkName(scope, scope.context.region) },
        annotations: {
          'service.beta.kubernetes.io/aws-load-balancer-type': 'external',
          'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal',
          'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip',
          'service.beta.kubernetes.io/aws-load-balancer-attributes':
            'load_balancing.cross_zone.enabled=true,deletion_protection.enabled=true',
          'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol': 'http',
          'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port': `${statusPort}`,
          'service.beta.kubernetes.io/aws-load-balancer-healthcheck-path': '/healthz/ready',
        },
      },
      spec: {
        type: 'LoadBalancer',
        loadBalancerClass: 'service.k8s.aws/nlb',
        loadBalancerSourceRanges: [network, ...peers],
        selector: selector(eastWestGateway),
        ports: [servicePort('status-port', statusPort), servicePort('tls', eastWestPort)],
      },
    })
  }
}

/** The way in for callers from outside: load balancer with certificate and rules, then the gateway, then the services. */
class Ingress extends Construct {
  constructor(parent: Construct, scope: ChartScope, entry: Entry) {
    super(parent, 'ingress')
    const metadata = { name: ingressGateway, namespace: ingressNamespace }
    const open = entries(scope).flatMap((service) =>
      publicHosts(scope, service).map((host) => ({ host, namespace: nodeOf(scope, service).namespace })),
    )
    const hosts = open.map(({ host }) => host)
    new ApiObject(this, 'certificate', {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata,
      spec: {
        secretName: ingressCertificate,
        dnsNames: hosts,
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        issuerRef: issuer,
      },
    })
    meshObject(this, 'gateway', 'Gateway', metadata, {
      selector: selector(ingressGateway),
      servers: [
        {
          port: { number: ingressPort, name: 'https', protocol: 'HTTPS' },
          tls: { mode: 'SIMPLE', credentialName: ingressCertificate, minProtocolVersion: 'TLSV1_2' },
          // Only the service's own namespace may say what happens to its name.
          hosts: open.map(({ host, namespace }) => `${namespace}/${host}`),
        },
      ],
    })
    // The load balancer is no member of the mesh.
    openTo(this, metadata, ingressGateway, ingressPort)
    new k8s.KubeService(this, 'service', {
      metadata: { ...metadata, labels: selector(ingressGateway) },
      spec: {
        type: 'ClusterIP',
        selector: selector(ingressGateway),
        ports: [servicePort('status-port', statusPort), servicePort('https', ingressPort)],
      },
    })
    const alb = (name: string): string => `alb.ingress.kubernetes.io/${name}`
    new k8s.KubeIngress(this, 'load-balancer', {
      metadata: {
        ...metadata,
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
        rules: hosts.map((host) => ({
          host,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: ingressGateway, port: { number: ingressPort } } },
              },
            ],
          },
        })),
      },
    })
  }
}

/** The gateways of a region. Their pods come by Istio's chart (see settings.ts); what they do is here. */
export class Gateways extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'gateways')
    new EastWest(this, scope)
    const entry = entryOf(scope)
    if (entry) new Ingress(this, scope, entry)
  }
}
