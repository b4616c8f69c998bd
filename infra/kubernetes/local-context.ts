import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secret } from '@pulumi/pulumi'
import bcrypt from 'bcryptjs'
import { Yaml } from 'cdk8s'
import type { RegionName } from '../../policies/regions.ts'
import { type ServiceName, services } from '../../policies/services.ts'
import { keda as kedaParts } from '../local/keda.ts'
import { mesh as meshParts } from '../local/mesh.ts'
import type { Region } from '../local/region.ts'
import { kedaDefinition } from './autoscaler/definition.ts'
import type { Certificate, ChartContext, Definition, LocalKeda, LocalMesh } from './context.ts'
import { meshKinds } from './mesh/object.ts'

/**
 * bcrypt with a salt that follows from the password: the same password has the same hash in every update. A salt hides which users
 * share a password, and this one is 32 random bytes.
 */
export function passwordHash(password: string): string {
  const salt = createHash('sha256').update(`bcrypt salt ${password}`).digest().subarray(0, 16)
  return bcrypt.hashSync(password, `$2b$10$${bcrypt.encodeBase64(salt, 16)}`)
}

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex')

/** What an operator of a local region may do: everything that one can. */
const operatorRoles = ['cross-tenant']

/** The tenant of the examples, as which a developer's machine may send messages until somebody says otherwise. */
const ownTenant = 'acme'

/** tenants.json: of each token only its hash. `machine`: this machine's address, as the region's pods see it. */
export const tenantsFile = (
  { tenants, operators = {} }: Pick<Region['secrets'], 'tenants' | 'operators'>,
  machine: string,
): string => {
  const taken = Object.values(tenants).some(({ senders }) => senders !== undefined)
  return JSON.stringify({
    tenants: Object.entries(tenants).map(([tenant, { token, homeRegion, senders }]) => ({
      tenant,
      tokenSha256: sha256(token),
      homeRegion,
      ...(senders || taken || tenant !== ownTenant ? { senders } : { senders: { networks: [machine] } }),
    })),
    operators: Object.entries(operators).map(([operator, { token }]) => ({
      operator,
      tokenSha256: sha256(token),
      roles: operatorRoles,
    })),
  })
}

/** operators.json: of each token only its hash. Whoever has the region's folder may do everything. */
const operatorsFile = (operators: Region['secrets']['operators']): string =>
  JSON.stringify({
    operators: Object.entries(operators ?? {}).map(([operator, { token }]) => ({
      operator,
      tokenSha256: sha256(token),
      may: ['read', 'change'],
    })),
  })

/** The definitions of the kinds that our mesh makes, out of all of Istio's. */
function meshDefinitions(file: string): Definition[] {
  const all = Yaml.load(file) as Definition[]
  const wanted = new Set(meshKinds)
  return all.filter(({ spec }) => {
    const { group, names, versions } = spec as unknown as CustomKind
    return versions.some(({ name }) => wanted.has(`${group}/${name}/${names.kind}`))
  })
}

interface CustomKind {
  readonly group: string
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string }[]
}

const localMesh = ({ paths }: Region, certificate: (name: string) => Certificate): LocalMesh => ({
  definitions: meshDefinitions(paths.meshDefinitions),
  certificates: { control: certificate(meshParts.control), gateway: certificate(meshParts.gateway) },
})

const localKeda = ({ paths }: Region, certificate: (name: string) => Certificate): LocalKeda => ({
  definitions: (Yaml.load(paths.kedaDefinitions) as Definition[]).map(kedaDefinition),
  certificates: { operator: certificate(kedaParts.operator), adapter: certificate(kedaParts.adapter) },
})

/** What the charts need to know of a local region, read from its state folder. `region` is its name in the policies. */
export function localContext(region: Region, name: RegionName = 'local'): ChartContext {
  const pem = (...path: string[]): string => readFileSync(join(region.paths.workloadPki, ...path), 'utf8')
  const certificate = (service: string): Certificate => ({
    certificate: pem(service, 'tls.crt'),
    key: secret(pem(service, 'tls.key')),
  })
  const { secrets } = region
  return {
    region: name,
    domain: region.domain,
    cluster: {
      kind: 'embedded',
      nodeName: region.nodeName,
      nodeAddress: region.nodeAddress,
      dnsAddress: region.dnsAddress,
      volumes: region.paths.volumes,
      ...(region.profile === 'full'
        ? { mesh: localMesh(region, certificate), keda: localKeda(region, certificate) }
        : {}),
    },
    images: region.images,
    secrets: {
      authority: pem('ca.crt'),
      certificates: Object.fromEntries(
        (Object.keys(services) as ServiceName[]).map((service) => [service, certificate(service)]),
      ),
      clickhouse: { sink: secret(secrets.clickhouse.sink), analytics: secret(secrets.clickhouse.analytics) },
      redis: secret(secrets.redis),
      prometheus: secret(secrets.prometheus),
      prometheusBcrypt: secret(passwordHash(secrets.prometheus)),
      tenants: secret(tenantsFile(secrets, region.hostAddress)),
      operators: secret(operatorsFile(secrets.operators)),
    },
  }
}
