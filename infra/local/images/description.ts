import type { Toolchain } from '../toolchain.ts'

/** Something that goes into a layer. `to` is an absolute path in the image. */
export type Source =
  /** A folder or a file of this machine; `except` are paths inside the folder. */
  | { readonly from: string; readonly to: string; readonly except?: readonly string[] }
  | { readonly text: string; readonly to: string }
  | { readonly folder: string; readonly mode: number; readonly owner: number }

export interface LayerDescription {
  readonly name: string
  readonly sources: readonly Source[]
}

/** What an image consists of, and what it runs. */
export interface ImageDescription {
  readonly name: string
  readonly layers: readonly LayerDescription[]
  readonly entrypoint: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the process. Default: `/`. */
  readonly workingFolder?: string
}

/** What descriptions take their files from. */
export interface Ingredients {
  readonly toolchain: Toolchain
  /** The Node binary that the images get. */
  readonly node: string
  /** The program `prompt` (tools/engine/go/prompt), where images are for one machine alone. Another Go makes another binary, so published images are without. */
  readonly prompt?: string
  /** Program name → folder with its `main.mjs`. */
  readonly bundles: Readonly<Record<string, string>>
}
