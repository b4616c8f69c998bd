import type { Guardrail } from '../model/guardrail.ts'
import { ecrImmutable } from './access/ecr-immutable.ts'
import { ecrScanned } from './access/ecr-scanned.ts'
import { githubTrust } from './access/github-trust.ts'
import { keysThroughServices } from './access/keys-through-services.ts'
import { noWildcards } from './access/no-wildcards.ts'
import { consumersWithinPartitions } from './capacity/consumers.ts'
import { costTags } from './capacity/cost-tags.ts'
import { gpuPool } from './capacity/gpu-pool.ts'
import { warmHeadroom } from './capacity/headroom.ts'
import { podsWithinPools } from './capacity/pools.ts'
import { autoscalingWithinQuota } from './capacity/quota.ts'
import { cacheAvailable } from './data/cache-available.ts'
import { cacheTlsAuth } from './data/cache-tls-auth.ts'
import { dataProtected } from './data/data-protected.ts'
import { kafkaDurable } from './data/kafka-durable.ts'
import { kafkaTlsIam } from './data/kafka-tls-iam.ts'
import { kmsRotation } from './data/kms-rotation.ts'
import { noAgeDeletes } from './data/no-age-deletes.ts'
import { objectLock } from './data/object-lock.ts'
import { replicated } from './data/replicated.ts'
import { s3Encrypted } from './data/s3-encrypted.ts'
import { s3NoExpiration } from './data/s3-no-expiration.ts'
import { s3PublicBlock } from './data/s3-public-block.ts'
import { s3Versioned } from './data/s3-versioned.ts'
import { volumesKept } from './data/volumes-kept.ts'
import { accessEntries } from './eks/access-entries.ts'
import { controlPlaneLogs } from './eks/control-plane-logs.ts'
import { instanceMetadata } from './eks/instance-metadata.ts'
import { privateEndpoint } from './eks/private-endpoint.ts'
import { secretsEncrypted } from './eks/secrets-encrypted.ts'
import { flowLogs } from './network/flow-logs.ts'
import { loadBalancerHttps } from './network/load-balancer-https.ts'
import { meshDefaultDeny } from './network/mesh-default-deny.ts'
import { meshStrict } from './network/mesh-strict.ts'
import { namespaceDefaultDeny } from './network/namespace-default-deny.ts'
import { worldIngress } from './network/world-ingress.ts'
import { helmPinned } from './pods/helm-pinned.ts'
import { imageDigest } from './pods/image-digest.ts'
import { namespaceRestricted } from './pods/namespace-restricted.ts'
import { probes } from './pods/probes.ts'
import { podResources } from './pods/resources.ts'
import { restricted } from './pods/restricted.ts'
import { tokenAutomount } from './pods/token-automount.ts'
import { disruptionBudget } from './reliability/disruption-budget.ts'
import { madeOnce } from './reliability/made-once.ts'
import { oneAutoscaler } from './reliability/one-autoscaler.ts'
import { replicasOwned } from './reliability/replicas-owned.ts'
import { zoneSpread } from './reliability/zone-spread.ts'
import { residentPlace } from './residency/place.ts'
import { residentReplication } from './residency/replication.ts'

/** Every rule, in the order of their verdicts and of the documentation. */
export const guardrails: readonly Guardrail[] = [
  privateEndpoint,
  controlPlaneLogs,
  secretsEncrypted,
  accessEntries,
  instanceMetadata,
  worldIngress,
  loadBalancerHttps,
  flowLogs,
  namespaceDefaultDeny,
  meshStrict,
  meshDefaultDeny,
  s3PublicBlock,
  s3Encrypted,
  s3Versioned,
  s3NoExpiration,
  objectLock,
  replicated,
  kafkaDurable,
  kafkaTlsIam,
  cacheTlsAuth,
  cacheAvailable,
  kmsRotation,
  dataProtected,
  noAgeDeletes,
  volumesKept,
  namespaceRestricted,
  restricted,
  imageDigest,
  podResources,
  probes,
  tokenAutomount,
  helmPinned,
  disruptionBudget,
  zoneSpread,
  madeOnce,
  oneAutoscaler,
  replicasOwned,
  consumersWithinPartitions,
  autoscalingWithinQuota,
  podsWithinPools,
  warmHeadroom,
  gpuPool,
  costTags,
  residentReplication,
  residentPlace,
  noWildcards,
  keysThroughServices,
  githubTrust,
  ecrScanned,
  ecrImmutable,
]
