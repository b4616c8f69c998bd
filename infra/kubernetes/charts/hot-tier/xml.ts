/** A configuration of ClickHouse: elements by name; a list repeats its element, `$` holds attributes. */
export type Xml = { readonly [name: string]: XmlValue | undefined }
type XmlValue = string | number | boolean | Xml | readonly Xml[]

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const attributes = (value: XmlValue): string =>
  typeof value === 'object' && !Array.isArray(value) && '$' in value
    ? Object.entries((value as Xml).$ as Xml)
        .map(([name, text]) => ` ${name}="${escaped(String(text))}"`)
        .join('')
    : ''

function element(name: string, value: XmlValue, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item, indent)).join('')
  const open = `${indent}<${name}${attributes(value)}>`
  if (typeof value !== 'object') return `${open}${escaped(String(value))}</${name}>\n`
  const inner = Object.entries(value)
    .filter(([key, child]) => key !== '$' && child !== undefined)
    .map(([key, child]) => element(key, child as XmlValue, `${indent}    `))
    .join('')
  return inner ? `${open}\n${inner}${indent}</${name}>\n` : `${open}</${name}>\n`
}

/** The text of a configuration file. */
export const configuration = (of: Xml): string => element('clickhouse', of, '')
