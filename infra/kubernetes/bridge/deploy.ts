import kubernetes from '@pulumi/kubernetes'
import {
  type ComponentResource,
  type CustomResource,
  type CustomResourceOptions,
  type ProviderResource,
  type Resource,
  secret,
} from '@pulumi/pulumi'
import { seconds } from '../../../policies/model/units.ts'
import type { Release } from '../operators/release.ts'
import type { Synthesis } from '../synthesize.ts'
import { kindOf } from './kinds.ts'
import { plan } from './plan.ts'

export interface DeployOptions {
  readonly provider: ProviderResource
  /** Default: none, the resources stand at the top of the stack. */
  readonly parent?: ComponentResource
  /** What stands before the first of them, and so before all. Default: nothing. */
  readonly after?: readonly Resource[]
  /**
   * Names of resources (`resourceName`) that an update does not wait for: they become ready by what comes after it. Default: none. Throws
   * RangeError for one that is not there.
   */
  readonly unawaited?: readonly string[]
}

/** The engine takes it for ready once it is made. */
function unawaited(json: Record<string, unknown>): Record<string, unknown> {
  const metadata = json.metadata as { readonly annotations?: object }
  return {
    ...json,
    metadata: { ...metadata, annotations: { ...metadata.annotations, 'pulumi.com/skipAwait': 'true' } },
  }
}

/** What is in a Secret stays encrypted in the stack's state. */
function guarded(json: Record<string, unknown>): Record<string, unknown> {
  if (json.kind !== 'Secret') return json
  const data = Object.entries((json.data ?? {}) as Record<string, string>)
  return { ...json, data: Object.fromEntries(data.map(([name, value]) => [name, secret(value)])) }
}

/** A release that is ready or rolled back: nothing of ours starts on half a controller. */
const helmRelease = (
  name: string,
  { chart, repository, version, description, namespace, values, timeout, ...release }: Release,
  options: CustomResourceOptions,
): CustomResource =>
  new kubernetes.helm.v3.Release(
    name,
    {
      name: release.name,
      namespace,
      chart,
      version,
      description,
      ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
      values: { ...values },
      createNamespace: false,
      skipAwait: false,
      atomic: true,
      cleanupOnFail: true,
      timeout: seconds(timeout),
      maxHistory: 5,
    },
    options,
  )

/** Makes one Pulumi resource of every object and every release, as planned; Pulumi deletes in the opposite order. */
export function deploy(synthesis: Synthesis, options: DeployOptions): readonly CustomResource[] {
  const made = new Map<string, CustomResource>()
  const all = plan(synthesis)
  const lone = options.unawaited ?? []
  for (const missing of lone.filter((one) => !all.some(({ name }) => name === one)))
    throw new RangeError(`unawaited: there is no resource '${missing}'.`)
  for (const planned of all) {
    const { name, after, protect, ignoreChanges } = planned
    const earlier = after.flatMap((one) => made.get(one) ?? [])
    const own: CustomResourceOptions = {
      provider: options.provider,
      ...(options.parent ? { parent: options.parent } : {}),
      dependsOn: earlier.length > 0 ? earlier : [...(options.after ?? [])],
      protect,
      ignoreChanges: [...ignoreChanges],
    }
    if (planned.kind === 'release') {
      made.set(name, helmRelease(name, planned.release, own))
      continue
    }
    const { make } = kindOf(planned.manifest.apiVersion, planned.manifest.kind)
    const json = synthesis.outputs.restore(planned.manifest) as Record<string, unknown>
    const told = guarded(lone.includes(name) ? unawaited(json) : json)
    made.set(name, new make(name, told as never, own))
  }
  return [...made.values()]
}
