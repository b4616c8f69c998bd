import type { ImagePolicy } from '../../policies/model/image.ts'

/** An image of a vendor that CI copies into our registry under its own digest. */
export interface VendorCopy {
  readonly name: string
  /** Repository and version, as the vendor names it: what must still have the digest. */
  readonly tagged: string
  /** The same by its digest: what is copied. */
  readonly exact: string
  readonly digest: string
  /** The tag in our registry. */
  readonly tag: string
}

/** Every image that is a vendor's. */
export const vendorCopies = (images: Readonly<Record<string, ImagePolicy>>): readonly VendorCopy[] =>
  Object.entries(images).flatMap(([name, image]) =>
    image.from === 'vendor'
      ? [
          {
            name,
            tagged: `${image.source}:${image.version}`,
            exact: `${image.source}@${image.digest}`,
            digest: image.digest,
            tag: image.version,
          },
        ]
      : [],
  )
