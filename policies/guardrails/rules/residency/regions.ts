import type { Policies } from '../../../bundle.ts'

/** The regions of the policies whose names stand in a text, such as an ARN or a bucket's name, in the text's order. */
export const regionsIn = (text: string, { regions }: Pick<Policies, 'regions'>): readonly string[] => {
  const words = new Set(text.match(/[a-z]{2}(?:-[a-z]+)+-\d/g))
  const found = [...words].flatMap((word) =>
    Object.keys(regions).filter((name) => word === name || word.endsWith(`-${name}`)),
  )
  return [...new Set(found)]
}
