import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ImagePolicy } from '../policies/model/image.ts'

/** What an image is made of, told without making it. */
export interface BuiltFrom {
  /** SHA-256 of the bundled program, or of the pins of somebody else's. */
  readonly program: string
  /** Version of Node in it. */
  readonly node: string
  /** The pins of the Debian files beneath. */
  readonly base: string
}

export interface LockedImage {
  /** `sha256:<hex>` of the manifest. */
  readonly digest: string
  /** What the registry shows beside the digest; says the same. */
  readonly tag: string
  readonly builtFrom: BuiltFrom
}

/** images.lock.json: image name → what CI builds, signs and pushes, and stacks run. */
export type ImageLock = Readonly<Record<string, LockedImage>>

class ImageLockError extends Error {
  readonly code = 'BAD_IMAGE_LOCK'
}

export const imageLockFile = fileURLToPath(new URL('images.lock.json', import.meta.url))

const todo = "Run 'node tools/images/main.ts lock' and commit stacks/images.lock.json."

/** The committed lock; empty before the first. Throws ImageLockError, which names what is wrong. */
export function readImageLock(file: string = imageLockFile): ImageLock {
  if (!existsSync(file)) return {}
  let lock: unknown
  try {
    lock = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new ImageLockError(`${file} is not JSON. ${todo}`)
  }
  for (const [name, image] of Object.entries(lock as Record<string, Partial<LockedImage>>))
    if (!/^sha256:[0-9a-f]{64}$/.test(image?.digest ?? ''))
      throw new ImageLockError(`The lock's digest of the image '${name}' is no 'sha256:<64 hex digits>'. ${todo}`)
  return lock as ImageLock
}

/** An image in its repository. Throws ImageLockError where there is none. */
export function referenceIn(urls: Readonly<Record<string, string>>, name: string, digest: string): string {
  if (urls[name]) return `${urls[name]}@${digest}`
  throw new ImageLockError(
    `The registry has no repository for the image '${name}': bring the global stack up first, whose repositories follow the lock.`,
  )
}

/**
 * Every image of the policies as a pod names it: `<repository>@<digest>`. `repositoryUrls` is the registry's output, image name → URL without
 * scheme and tag. Throws ImageLockError at once for an image of ours that the lock lacks; and for a missing repository.
 */
export function imagesOf(
  repositoryUrls: Readonly<Record<string, string>>,
  images: Readonly<Record<string, ImagePolicy>>,
  lock: ImageLock = readImageLock(),
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(images).map(([name, image]) => {
      const digest = image.from === 'vendor' ? image.digest : Object.hasOwn(lock, name) ? lock[name]?.digest : undefined
      if (digest === undefined) throw new ImageLockError(`The image '${name}' is not in the lock. ${todo}`)
      return [name, referenceIn(repositoryUrls, name, digest)]
    }),
  )
}
