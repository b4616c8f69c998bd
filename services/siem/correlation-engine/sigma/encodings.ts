import { limits } from './limits.ts'

const word = /\w/
/** The characters that Windows' programs take for the dash of an option. */
const dashes = ['-', '/', '–', '—', '―'] as const

/** The text with each dash that begins a word put as every other one: all combinations. A dash is `-` or `/` after no word character and before one. */
export function windashVariants(text: string): string[] {
  let variants = ['']
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if ((c !== '-' && c !== '/') || (i > 0 && word.test(text[i - 1]!)) || !word.test(text[i + 1] ?? '')) continue
    const before = text.slice(from, i)
    variants = variants.flatMap((variant) => dashes.map((dash) => variant + before + dash))
    if (variants.length > limits.variants)
      throw new Error(`A value with windash has more than ${limits.variants} variants.`)
    from = i + 1
  }
  const rest = text.slice(from)
  return variants.map((variant) => variant + rest)
}

/** The texts, one for each offset in a group of three bytes, of which every base64 text of something with these bytes inside contains one. */
export function base64Offsets(bytes: Buffer): string[] {
  const start = [0, 2, 3]
  const end = [0, 3, 2]
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset, 0x20), bytes]).toString('base64')
    const cut = end[(bytes.length + offset) % 3]!
    return text.slice(start[offset], cut === 0 ? undefined : text.length - cut)
  })
}

/** The encodings of text that come before base64 in a chain of modifiers. */
export const encodings = {
  wide: (text: string): Buffer => Buffer.from(text, 'utf16le'),
  utf16le: (text: string): Buffer => Buffer.from(text, 'utf16le'),
  utf16be: (text: string): Buffer => Buffer.from(text, 'utf16le').swap16(),
  utf16: (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
} as const satisfies Record<string, (text: string) => Buffer>

export type Encoding = keyof typeof encodings
