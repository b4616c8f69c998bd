import { gunzipSync } from 'node:zlib'
import { limits } from './limits.ts'
import type { RuleSource } from './load.ts'

const block = 512

/**
 * The rule files (`*.yml`, `*.yaml`) of a tar archive, gzip or plain, in the order in which they stand. Understands long names of GNU tar and of
 * pax; anything but regular files is left out.
 * @throws Error when it is no archive, or larger than `limits.archiveBytes` unpacked.
 */
export function readArchive(bytes: Buffer): RuleSource[] {
  const tar =
    bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: limits.archiveBytes }) : bytes
  if (tar.length > limits.archiveBytes) throw new Error(`The archive is larger than ${limits.archiveBytes} bytes.`)
  const files: RuleSource[] = []
  let long: string | undefined
  for (let at = 0; at + block <= tar.length; ) {
    const name = text(tar, at, 100)
    if (name === '') break
    const size = Number.parseInt(text(tar, at + 124, 12), 8)
    const from = at + block
    if (!Number.isSafeInteger(size) || size < 0 || from + size > tar.length)
      throw new Error(`The archive is damaged at byte ${at}: a file goes beyond its end.`)
    const type = String.fromCharCode(tar[at + 156]!)
    if (type === 'L') long = text(tar, from, size)
    else if (type === 'x') long = paxPath(tar.toString('utf8', from, from + size)) ?? long
    else {
      const prefix = text(tar, at + 345, 155)
      const file = long ?? (prefix === '' ? name : `${prefix}/${name}`)
      long = undefined
      if ((type === '0' || type === '\0') && /\.ya?ml$/.test(file))
        files.push({ file, text: tar.toString('utf8', from, from + size) })
    }
    at = from + Math.ceil(size / block) * block
  }
  return files
}

const text = (tar: Buffer, at: number, length: number): string =>
  tar
    .toString('utf8', at, at + length)
    .split('\0', 1)[0]!
    .trimEnd()

const paxPath = (records: string): string | undefined => /^\d+ path=(.*)$/m.exec(records)?.[1]
