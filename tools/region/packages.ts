import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Package {
  readonly name: string
  readonly version: string
}

/** Up to the innermost package of a path. */
const folderOf = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

/** The packages that the files of a bundle come from, sorted; paths are from the top of the checkout. */
export function bundledPackages(files: readonly string[], checkout: string): readonly Package[] {
  const folders = new Set(files.flatMap((file) => folderOf.exec(file) ?? []))
  const packages = new Map<string, Package>()
  for (const folder of folders) {
    const manifest = readFileSync(join(checkout, folder, 'package.json'), 'utf8')
    const { name, version } = JSON.parse(manifest) as Package
    packages.set(`${name}@${version}`, { name, version })
  }
  return [...packages.keys()].sort().map((key) => packages.get(key)!)
}
