import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Lets the programs of a folder run although their policies contradict themselves: what would follow from a refused change is what its
 * author wants to see. The findings are the report's, from `checkAll`; only `checkEnvironment` stops to throw.
 */
export function letPoliciesContradict(folder: string): void {
  const real = pathToFileURL(join(folder, 'policies/checks/index.ts')).href
  const stand = `${real}?unjudged`
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const own = context.parentURL?.startsWith(pathToFileURL(join(folder, 'stacks/')).href)
      return own && found.url === real ? { ...found, url: stand } : found
    },
    load(url, context, next) {
      if (url !== stand) return next(url, context)
      const source = `export * from '${real}'
import { checkAll } from '${real}'
export const checkEnvironment = (environment, all) => checkAll(all).filter((finding) => finding.environment === environment)
`
      return { format: 'module', source, shortCircuit: true }
    },
  })
}
