import { createHash } from 'node:crypto'
import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ServiceName } from '../../../policies/services.ts'
import type { ChartScope } from '../context.ts'
import { headless, nodeOf, podLabels } from '../names.ts'
import { withoutOutputs } from '../output-resolver.ts'
import { DrainingDeployment } from './drain.ts'
import { workloadFiles } from './files.ts'
import { networkPolicy } from './network.ts'
import { drainSeconds, podTemplate } from './pod.ts'
import type { IWorkload, WorkloadProps } from './props.ts'
import { oneMore } from './rollout.ts'
import { servicesOf } from './services.ts'
import { dataClaim, localVolumes } from './storage.ts'

/**
 * A service of the service graph as it runs: its pods under the restricted profile, its files, names, network, disruption budget and,
 * where it keeps data, its volumes. Everything that the policies know is taken from there; the props say the rest.
 *
 * @example
 * new Workload(chart, scope, { service: 'hot-sink', kind: 'deployment', env: { ND_KAFKA_BROKERS: brokers(scope) } })
 */
export class Workload extends Construct implements IWorkload {
  readonly service: ServiceName
  readonly namespace: string

  constructor(parent: Construct, scope: ChartScope, props: WorkloadProps) {
    super(parent, props.service)
    this.service = props.service
    const { service } = props
    const { namespace } = nodeOf(scope, service)
    this.namespace = namespace
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name: service, namespace },
      automountServiceAccountToken: false,
    })
    const template = podTemplate(scope, props, workloadFiles(this, scope, namespace, props))
    networkPolicy(this, scope, service)
    if (props.kind === 'job') {
      this.#job(template)
      return
    }
    servicesOf(this, scope, service)
    const replicas = props.replicas ?? 1
    if (props.kind === 'stateful') this.#stateful(scope, props, replicas, template)
    else this.#deployment(scope, props, replicas, template)
    // With one replica a budget would only keep the node from being drained.
    if (replicas >= 2)
      new k8s.KubePodDisruptionBudget(this, 'budget', {
        metadata: { name: service, namespace },
        spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: podLabels(service) } },
      })
  }

  #deployment(scope: ChartScope, props: WorkloadProps, replicas: number, template: k8s.PodTemplateSpec): void {
    new DrainingDeployment(
      this,
      'deployment',
      {
        metadata: { name: this.service, namespace: this.namespace, labels: podLabels(this.service) },
        spec: {
          replicas,
          revisionHistoryLimit: 2,
          selector: { matchLabels: podLabels(this.service) },
          strategy: oneMore,
          template,
        },
      },
      drainSeconds(scope, props),
    )
  }

  #stateful(scope: ChartScope, props: WorkloadProps, replicas: number, template: k8s.PodTemplateSpec): void {
    const storage = (props.size ?? scope.policy.sizes[this.service])?.storage
    if (storage) localVolumes(this, scope, this.service, replicas, storage)
    const embedded = scope.context.cluster.kind === 'embedded'
    new k8s.KubeStatefulSet(this, 'stateful-set', {
      metadata: { name: this.service, namespace: this.namespace, labels: podLabels(this.service) },
      spec: {
        replicas,
        revisionHistoryLimit: 2,
        serviceName: headless(this.service),
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: podLabels(this.service) },
        updateStrategy: { type: 'RollingUpdate' },
        template,
        ...(storage
          ? {
              volumeClaimTemplates: [dataClaim(scope, storage)],
              // The embedded node's data is in folders that outlive their claims.
              persistentVolumeClaimRetentionPolicy: {
                whenDeleted: embedded ? 'Delete' : 'Retain',
                whenScaled: 'Retain',
              },
            }
          : {}),
      },
    })
  }

  /** A job cannot be changed, so what it is to do is part of its name. */
  #job(template: k8s.PodTemplateSpec): void {
    const { annotations, ...metadata } = template.metadata ?? {}
    const told = JSON.stringify(withoutOutputs({ spec: template.spec, labels: metadata.labels }))
    const name = `${this.service}-${createHash('sha256').update(told).digest('hex').slice(0, 10)}`
    new k8s.KubeJob(this, 'job', {
      metadata: { name, namespace: this.namespace, labels: podLabels(this.service) },
      spec: { backoffLimit: 10, completionMode: 'NonIndexed', template: { ...template, metadata } },
    })
  }
}
