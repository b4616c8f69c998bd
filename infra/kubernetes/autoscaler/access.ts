import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { mlInference } from '../../../policies/model/ml-inference.ts'
import { keda } from '../../local/keda.ts'
import { type LocalKedaScope, scaledNamespaces } from './scope.ts'

const { namespace, operator, adapter } = keda
const authorization = 'rbac.authorization.k8s.io'
const read = ['get', 'list', 'watch']
const change = ['update', 'patch']

const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace })

/**
 * What the operator may do where something is scaled. Upstream's role reads every object of the cluster, Secrets among them, and writes the
 * scale of any; here it is the kinds that the matrix has rows for.
 */
const scaling: k8s.PolicyRule[] = [
  { apiGroups: ['keda.sh'], resources: ['scaledobjects', 'triggerauthentications'], verbs: [...read, ...change] },
  {
    apiGroups: ['keda.sh'],
    resources: ['scaledobjects/status', 'scaledobjects/finalizers', 'triggerauthentications/status'],
    verbs: ['get', ...change],
  },
  // Its controllers of these kinds start, and find nothing.
  { apiGroups: ['keda.sh'], resources: ['scaledjobs'], verbs: read },
  { apiGroups: ['eventing.keda.sh'], resources: ['cloudeventsources'], verbs: read },
  {
    apiGroups: ['autoscaling'],
    resources: ['horizontalpodautoscalers'],
    verbs: [...read, ...change, 'create', 'delete'],
  },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: read },
  { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get', ...change] },
  { apiGroups: [mlInference.group], resources: [mlInference.plural], verbs: ['get'] },
  { apiGroups: [mlInference.group], resources: [`${mlInference.plural}/scale`], verbs: ['get', ...change] },
  // A fallback counts those that are ready.
  { apiGroups: [''], resources: ['pods'], verbs: read },
]

/** What it may do anywhere: read who may ask Prometheus, and say what happened. */
const everywhere: k8s.PolicyRule[] = [
  { apiGroups: ['keda.sh'], resources: ['clustertriggerauthentications'], verbs: [...read, ...change] },
  { apiGroups: ['keda.sh'], resources: ['clustertriggerauthentications/status'], verbs: ['get', ...change] },
  { apiGroups: ['eventing.keda.sh'], resources: ['clustercloudeventsources'], verbs: read },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
]

/** The accounts of KEDA's parts and what they may do. The adapter reads nothing: it asks who is asking, and whether that one may. */
export class Access extends Construct {
  constructor(parent: Construct, scope: LocalKedaScope) {
    super(parent, 'access')
    for (const name of [operator, adapter]) new k8s.KubeServiceAccount(this, name, { metadata: { name, namespace } })
    this.#everywhere('operator-everywhere', `neurodefender:${operator}`, operator, everywhere)
    for (const where of scaledNamespaces(scope)) this.#in(where, scaling)
    this.#in(namespace, [{ apiGroups: [''], resources: ['secrets'], verbs: read }])
    this.#bind('delegator', adapter, 'system:auth-delegator')
    new k8s.KubeRoleBinding(this, 'front-proxy', {
      metadata: { name: adapter, namespace: 'kube-system' },
      roleRef: { apiGroup: authorization, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects: [account(adapter)],
    })
  }

  #everywhere(id: string, name: string, who: string, rules: k8s.PolicyRule[]): void {
    new k8s.KubeClusterRole(this, id, { metadata: { name }, rules })
    this.#bind(`${id}-binding`, who, name)
  }

  #bind(id: string, who: string, role: string): void {
    new k8s.KubeClusterRoleBinding(this, id, {
      metadata: { name: `neurodefender:${who}` },
      roleRef: { apiGroup: authorization, kind: 'ClusterRole', name: role },
      subjects: [account(who)],
    })
  }

  #in(where: string, rules: k8s.PolicyRule[]): void {
    new k8s.KubeRole(this, `${where}-role`, { metadata: { name: operator, namespace: where }, rules })
    new k8s.KubeRoleBinding(this, `${where}-binding`, {
      metadata: { name: operator, namespace: where },
      roleRef: { apiGroup: authorization, kind: 'Role', name: operator },
      subjects: [account(operator)],
    })
  }
}
