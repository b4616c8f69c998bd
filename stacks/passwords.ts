import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import random from '@pulumi/random'
import type { SecretInputs } from '../infra/kubernetes/index.ts'

/** tenants.json without a tenant: nobody may send yet. */
export const noTenants = JSON.stringify({ tenants: [] })
/** operators.json without an operator: nobody may change the shard map yet. */
export const noOperators = JSON.stringify({ operators: [] })

/** Passwords that only programs use; made once for a region and kept, encrypted, in the stack's state. */
export class Passwords extends ComponentResource {
  readonly sink: Output<string>
  readonly analytics: Output<string>
  readonly prometheus: Output<string>
  /** bcrypt of the above. */
  readonly prometheusHash: Output<string>

  constructor(name: string, _: Record<string, never>, options?: ComponentResourceOptions) {
    super('neurodefender:stacks:Passwords', name, {}, options)
    const made = (what: string) =>
      new random.RandomPassword(`${name}-${what}`, { length: 40, special: false }, { parent: this, protect: true })
    this.sink = made('clickhouse-sink').result
    this.analytics = made('clickhouse-analytics').result
    const prometheus = made('prometheus')
    this.prometheus = prometheus.result
    this.prometheusHash = prometheus.bcryptHash
    this.registerOutputs({})
  }

  /** With those that are made elsewhere; the platform knows no tenants. */
  secrets(others: {
    readonly authority: Input<string>
    readonly cache: Input<string>
    readonly replica: Input<string>
  }): SecretInputs {
    return {
      authority: others.authority,
      clickhouse: { sink: this.sink, analytics: this.analytics, replica: others.replica },
      redis: others.cache,
      prometheusBcrypt: this.prometheusHash,
      prometheus: this.prometheus,
      tenants: noTenants,
      operators: noOperators,
    }
  }
}
