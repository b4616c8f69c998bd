import { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { assertManifests } from './checks/findings.ts'
import { lostFrom } from './checks/lost-fields.ts'

/** An object whose kind an operator brings: what of it we set stands in an interface of ours. */
export interface CustomResource<Spec extends object> {
  readonly apiVersion: `${string}/${string}`
  readonly kind: string
  readonly metadata: {
    readonly name: string
    /** Default: none, the kind belongs to no namespace. */
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: Spec
}

/** Adds the object to the chart. Pulumi Outputs may stand in it as whole values. */
export const customResource = <Spec extends object>(
  construct: Construct,
  id: string,
  resource: CustomResource<Spec>,
): ApiObject => new ApiObject(construct, id, resource as never)

/** A pod as it stands in an object: what the typed layer made of it. */
export type PodSpecJson = Readonly<Record<string, unknown>>

/** A pod for an object whose kind the typed layer does not know. Throws ManifestError when a field was lost on the way. */
export function podSpecJson(spec: k8s.PodSpec): PodSpecJson {
  const json = k8s.toJson_PodSpec(spec) as PodSpecJson
  const name = spec.containers.map((container) => container.name).join(', ')
  assertManifests(lostFrom(`the pod of ${name}`, spec, json))
  return json
}
