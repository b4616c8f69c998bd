import type { Package } from '../region/packages.ts'

export interface DebianPackage extends Package {
  readonly architecture: string
}

export interface Inventory {
  /** Name of the image. */
  readonly name: string
  /** `sha256:<hex>` */
  readonly digest: string
  /** Version of Node, where it has one. */
  readonly node?: string
  readonly npm: readonly Package[]
  readonly debian: readonly DebianPackage[]
}

const component = (type: string, { name, version }: Package, purl: string, more: object = {}) => ({
  type,
  'bom-ref': purl,
  name,
  version,
  purl,
  ...more,
})

const versioned = (prefix: string, { name, version }: Package): string =>
  `pkg:${prefix}/${name.replace('@', '%40')}@${encodeURIComponent(version)}`

/**
 * What an image holds of others, as CycloneDX: a scanner finds no package manager's records in an image that is one bundled program on
 * unpacked files. Equal images give equal text.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function cycloneDx({ name, digest, node, npm, debian }: Inventory): string {
  const distro = 'debian-12'
  const components = [
    component('operating-system', { name: 'debian', version: '12' }, `pkg:generic/debian@12`),
    ...(node === undefined
      ? []
      : [
          component('application', { name: 'node', version: node }, `pkg:generic/node@${node}`, {
            cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
          }),
        ]),
    ...debian.map((one) =>
      component('library', one, `${versioned('deb/debian', one)}?arch=${one.architecture}&distro=${distro}`),
    ),
    ...npm.map((one) => component('library', one, versioned('npm', one))),
  ]
  const image = component('container', { name, version: digest }, `pkg:oci/${name}@${encodeURIComponent(digest)}`)
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: image }, components }
  return `${JSON.stringify(bom, null, 2)}\n`
}
