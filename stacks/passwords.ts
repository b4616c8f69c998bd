import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import random from '@pulumi/random'
import type { SecretInputs } from '../infra/kubernetes/index.ts'

/** A registry without a tenant: nobody may send yet. */
export const noTenants = JSON.stringify({ tenants: [] })

/** Passwords that only programs use; made once for a region and kept, encrypted, in the stack's state. */
export class Passwords extends ComponentResource {
  readonly sink: Output<string>
  readonly analytics: Output<string>
  /** By which the replicas of the hot tier know each other. */
  readonly replica: Output<string>
  readonly prometheus: Output<string>
  /** bcrypt of the above. */
  readonly prometheusHash: Output<string>

  constructor(name: string, _: Record<string, never>, options?: ComponentResourceOptions) {
    super('neurodefender:stacks:Passwords', name, {}, options)
    const made = (what: string) =>
      new random.RandomPassword(`${name}-${what}`, { length: 40, special: false }, { parent: this, protect: true })
    this.sink = made('clickhouse-sink').result
    this.analytics = made('clickhouse-analytics').result
    this.replica = made('clickhouse-replica').result
    const prometheus = made('prometheus')
    this.prometheus = prometheus.result
    this.prometheusHash = prometheus.bcryptHash
    this.registerOutputs({})
  }

  /** `tenants`: content of tenants.json, set by `pulumi config set --secret tenants`. Default: none, nobody may send. */
  secrets(cache: Input<string>, tenants?: Output<string>): SecretInputs {
    return {
      authority: '',
      certificates: {},
      clickhouse: { sink: this.sink, analytics: this.analytics },
      redis: cache,
      prometheusBcrypt: this.prometheusHash,
      tenants: tenants ?? noTenants,
    }
  }
}
