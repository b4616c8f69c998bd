/** An image that the charts of a cloud run, under its name in our registry. */
export type ImagePolicy =
  /** Made by CI from this repository; its digest stands in the lock. */
  | { readonly from: 'sources' }
  /** The vendor's, copied into our registry by CI under the very same digest. */
  | {
      readonly from: 'vendor'
      readonly source: string
      readonly version: string
      readonly digest: `sha256:${string}`
    }
