import { CORE_SCHEMA, defineScalarTag, floatCoreTag, intCoreTag, loadAll, mergeTag, NOT_RESOLVED } from 'js-yaml'
import { limits } from './limits.ts'

/**
 * Whole numbers as authors of rules mean them: `4688` and `0x1410`, but a number with leading zeros (`00000429`, a keyboard layout) stays text,
 * where YAML 1.2 would drop the zeros and YAML 1.1 would read it as octal.
 */
const int = defineScalarTag(intCoreTag.tagName, {
  ...intCoreTag,
  resolve: (source, isExplicit, tagName) => {
    if (!isExplicit && /^[-+]?0\d/.test(source)) return NOT_RESOLVED
    const value = intCoreTag.resolve(source, isExplicit, tagName)
    return typeof value === 'number' && !Number.isSafeInteger(value) ? NOT_RESOLVED : value
  },
})

/** Fractions with a point only: `1e5` and `58e900` are hashes and names more often than numbers. */
const float = defineScalarTag(floatCoreTag.tagName, {
  ...floatCoreTag,
  resolve: (source, isExplicit, tagName) =>
    isExplicit || /^[-+]?(0|[1-9]\d*)\.\d+$/.test(source)
      ? floatCoreTag.resolve(source, isExplicit, tagName)
      : NOT_RESOLVED,
})

const schema = CORE_SCHEMA.withTags(int, float, mergeTag)

/**
 * The YAML documents of one file, bounded in size, depth and aliases.
 * @throws Error with a reason in one line when the text is no YAML or exceeds a limit.
 */
export function yamlDocuments(text: string, file: string): unknown[] {
  if (text.length > limits.fileCharacters)
    throw new Error(`The file has ${text.length} characters; at most ${limits.fileCharacters} are read.`)
  let documents: unknown[]
  try {
    documents = loadAll(text, { schema, filename: file, maxDepth: limits.depth, maxAliases: limits.aliases })
  } catch (error) {
    throw new Error(`Not readable as YAML: ${firstLine(error)}`, { cause: error })
  }
  if (documents.length > limits.documents)
    throw new Error(`The file has ${documents.length} documents; at most ${limits.documents} are read.`)
  return documents.filter((document) => document !== null && document !== undefined)
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
