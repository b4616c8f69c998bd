import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { seconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import type { ElasticsearchSpec } from '../crds/elasticsearch.ts'
import { customResource, podSpecJson } from '../custom-resource.ts'
import { certificateNames, commonLabels, meshLabels, nodeOf, podLabels, port } from '../names.ts'
import { bounds } from '../replicas.ts'
import { issuedCertificate } from '../workload/certificate.ts'
import { networkPolicy } from '../workload/network.ts'
import { placement } from '../workload/placement.ts'
import { kubeletProbes } from '../workload/probe.ts'
import { resources } from '../workload/resources.ts'
import { containerSecurity, securityOf } from '../workload/security.ts'
import { storageClass } from '../workload/storage.ts'
import { RegionChart } from './region-chart.ts'

const service = 'elasticsearch'
/** The user of the vendor's image. */
const elasticUser = 1000
/** Where Elasticsearch answers whether it is ready, under ECK. */
const readinessPort = 8080
const zoneLabel = 'topology.kubernetes.io/zone'

/**
 * The warm tier's engine: one cluster per region over three zones. Nothing in it deletes by age: no lifecycle policy is set, and an
 * index can only be deleted by its whole name.
 */
export class Elasticsearch extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, service, scope)
    const { namespace } = nodeOf(scope, service)
    const group = new Construct(this, service)
    new k8s.KubeServiceAccount(group, 'account', {
      metadata: { name: service, namespace },
      automountServiceAccountToken: false,
    })
    issuedCertificate(group, scope, {
      name: service,
      namespace,
      // ECK calls it by the Service that it makes itself.
      dnsNames: [...certificateNames(scope, service), `${service}-es-http.${namespace}.svc`],
    })
    networkPolicy(group, scope, service)
    new k8s.KubeService(group, 'service', {
      metadata: { name: service, namespace, labels: podLabels(service) },
      spec: {
        type: 'ClusterIP',
        selector: podLabels(service),
        ports: [
          {
            name: service,
            port: port(scope, service, 'elasticsearch'),
            targetPort: k8s.IntOrString.fromNumber(port(scope, service, 'elasticsearch')),
            protocol: 'TCP',
          },
        ],
      },
    })
    customResource(group, 'cluster', {
      apiVersion: 'elasticsearch.k8s.elastic.co/v1',
      kind: 'Elasticsearch',
      metadata: { name: service, namespace, annotations: { 'eck.k8s.elastic.co/downward-node-labels': zoneLabel } },
      spec: specOf(scope),
    })
  }
}

function specOf(scope: ChartScope): ElasticsearchSpec {
  const policy = scope.policies.images.elasticsearch
  const version = policy?.from === 'vendor' ? policy.version : undefined
  const size = scope.policy.sizes.elasticsearch
  const image = scope.context.images.elasticsearch
  if (!version || !size?.storage || !image)
    throw new RangeError("Elasticsearch needs a version, a size with storage, and the image 'elasticsearch'.")
  const count = bounds(scope, service).min
  const labels = { ...commonLabels(scope), ...podLabels(service), ...meshLabels(scope, service) }
  const alive = { kind: 'tcp', port: port(scope, service, 'elasticsearch') } as const
  const { startup, grace } = nodeOf(scope, service)
  return {
    version,
    image,
    http: { tls: { certificate: { secretName: `${service}-tls` } } },
    volumeClaimDeletePolicy: 'DeleteOnScaledownOnly',
    updateStrategy: { changeBudget: { maxSurge: 0, maxUnavailable: 1 } },
    podDisruptionBudget: {
      spec: { maxUnavailable: 1, selector: { matchLabels: podLabels(service) } },
    },
    nodeSets: [
      {
        name: 'warm',
        count,
        config: {
          'node.roles': ['master', 'data', 'ingest'],
          // biome-ignore lint/suspicious/noTemplateCurlyInString: Elasticsearch reads the variable
          'node.attr.zone': '${ZONE}',
          'cluster.routing.allocation.awareness.attributes': 'k8s_node_name,zone',
          'action.destructive_requires_name': true,
          'action.auto_create_index': false,
          'xpack.ml.enabled': false,
        },
        podTemplate: {
          metadata: { labels, annotations: {} },
          spec: podSpecJson({
            serviceAccountName: service,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: seconds(grace),
            securityContext: securityOf(elasticUser),
            ...placement(scope, size),
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: zoneLabel,
                whenUnsatisfiable: 'DoNotSchedule',
                labelSelector: { matchLabels: podLabels(service) },
              },
            ],
            containers: [
              {
                name: service,
                image,
                env: [
                  {
                    name: 'ZONE',
                    valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${zoneLabel}']` } },
                  },
                ],
                ...kubeletProbes({ alive, ready: { kind: 'tcp', port: readinessPort } }, startup),
                resources: resources(size),
                securityContext: containerSecurity,
              },
            ],
          }),
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'elasticsearch-data' },
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: storageClass(scope),
              resources: { requests: { storage: size.storage } },
            },
          },
        ],
      },
    ],
  }
}
