/** Text that is HTML already. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | undefined | readonly Part[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] as string)

function render(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.text
  return Array.isArray(part) ? part.map(render).join('') : escaped(String(part))
}

/** HTML from a template: what is put in is text, unless it is HTML already. Lists are put in one after the other. */
export const h = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((text, string, i) => `${text}${render(parts[i - 1])}${string}`))

/** A path that may break after each dot. */
export const dotted = (path: string): Markup =>
  h`${path.split('.').map((part, i) => (i === 0 ? part : h`.<wbr>${part}`))}`

export const nothing = new Markup('')
