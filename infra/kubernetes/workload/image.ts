import type { ChartScope } from '../context.ts'

/** The image by its digest. Throws RangeError for one that the context does not have. */
export function imageOf({ context }: ChartScope, name: string): string {
  const image = context.images[name]
  if (!image) throw new RangeError(`The context has no image '${name}'.`)
  return image
}
