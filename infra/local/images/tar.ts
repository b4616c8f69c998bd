/** One entry of a tape archive. `path` has no leading slash. */
export interface TarEntry {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of content; 0 for all but files. */
  readonly size: number
  /** Where a symlink points. */
  readonly target?: string
}

const block = 512
const types = { file: '0', symlink: '2', directory: '5' } as const

/** Zero bytes that fill a file of `size` bytes up to the next block. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block)

/** What ends an archive. */
export const trailer = (): Buffer => Buffer.alloc(2 * block)

const fits = (text: string): boolean => Buffer.byteLength(text) <= 100

/** The header of an entry: equal entries give equal bytes, for every time is 1970. Names too long for the format come in a record before it. */
export function header(entry: TarEntry): Buffer {
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path
  const target = entry.target ?? ''
  const records = [...(fits(path) ? [] : [record('path', path)]), ...(fits(target) ? [] : [record('linkpath', target)])]
  const plain = fields(fits(path) ? path : 'long-name', types[entry.type], entry, fits(target) ? target : 'long-target')
  if (records.length === 0) return plain
  const body = Buffer.from(records.join(''))
  const extended = fields('PaxHeader', 'x', { mode: 0o644, uid: 0, gid: 0, size: body.length }, '')
  return Buffer.concat([extended, body, padding(body.length), plain])
}

/** "<length> <key>=<value>\n", where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest)
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`)
  return `${length}${rest}`
}

type Numbers = Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'size'>

function fields(name: string, type: string, numbers: Numbers, target: string): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, width: number): void => {
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  }
  bytes.write(name, 0, 'utf8')
  octal(numbers.mode, 100, 8)
  octal(numbers.uid, 108, 8)
  octal(numbers.gid, 116, 8)
  octal(numbers.size, 124, 12)
  octal(0, 136, 12)
  bytes.write('        ', 148, 'latin1')
  bytes.write(type, 156, 'latin1')
  bytes.write(target, 157, 'utf8')
  bytes.write('ustar\x0000', 257, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}
