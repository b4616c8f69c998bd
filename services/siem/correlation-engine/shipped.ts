import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Archives of the rules that the product carries: in the checkout in their folder, in the image beside the program. */
export const shippedRules = (): readonly string[] =>
  ['./rules/sigmahq.tar.gz', './sigmahq.tar.gz']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .filter(existsSync)
