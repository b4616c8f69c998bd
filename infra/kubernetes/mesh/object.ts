import type {
  IDestinationRule,
  IGateway,
  IServiceEntry,
  ISidecar,
} from '@kubernetes-models/istio/networking.istio.io/v1beta1'
import type { IPeerAuthentication } from '@kubernetes-models/istio/security.istio.io/v1beta1'
import { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import type { AuthorizationSpec, EnvoyFilterSpec, TelemetrySpec, VirtualServiceSpec } from './types.ts'

/** What each kind of Istio says. Where the maintained types only describe alternatives at great length, ours are narrower. */
interface Specs {
  readonly AuthorizationPolicy: AuthorizationSpec
  readonly DestinationRule: NonNullable<IDestinationRule['spec']>
  readonly EnvoyFilter: EnvoyFilterSpec
  readonly Gateway: NonNullable<IGateway['spec']>
  readonly PeerAuthentication: NonNullable<IPeerAuthentication['spec']>
  readonly ServiceEntry: NonNullable<IServiceEntry['spec']>
  readonly Sidecar: NonNullable<ISidecar['spec']>
  readonly Telemetry: TelemetrySpec
  readonly VirtualService: VirtualServiceSpec
}

export type MeshKind = keyof Specs

const groups = {
  AuthorizationPolicy: 'security.istio.io/v1',
  DestinationRule: 'networking.istio.io/v1',
  EnvoyFilter: 'networking.istio.io/v1alpha3',
  Gateway: 'networking.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
  Sidecar: 'networking.istio.io/v1',
  Telemetry: 'telemetry.istio.io/v1',
  VirtualService: 'networking.istio.io/v1',
} as const satisfies Record<MeshKind, string>

/** The kinds of Istio that the mesh makes, as `apiVersion/kind`: their definitions must stand before the part is deployed. */
export const meshKinds: readonly string[] = Object.entries(groups).map(([kind, apiVersion]) => `${apiVersion}/${kind}`)

/** One object of Istio. `id` is its place in the chart; its name is given. */
export function meshObject<Kind extends MeshKind>(
  construct: Construct,
  id: string,
  kind: Kind,
  metadata: { readonly name: string; readonly namespace: string },
  spec: Specs[Kind],
): ApiObject {
  return new ApiObject(construct, id, { apiVersion: groups[kind], kind, metadata, spec })
}
