import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { PreviewError } from './error.ts'

export const usage = `usage: npm run preview -- --base REF [--head REF] --out DIR

Says what a change would do: resources, rules, capacity, money. Builds every stack of both revisions against a model of the cloud;
needs no credentials and no network, and changes nothing.

  --base REF   what to compare with: a branch, tag or commit
  --head REF   what to judge; default: the working tree, committed or not
  --trace FILE requests per minute (CSV), replayed through rows of the scaling matrix that change; default: traces of the project
  --out DIR    where to write preview.md (a pull request's comment) and preview.html
  --help       this text

Ends with 0: nothing mandatory is violated; 1: something is, and the reports say what; 2: there is no preview.`

export interface Options {
  readonly base: string
  readonly head?: string
  readonly out: string
  readonly trace?: string
}

/** Throws PreviewError USAGE. Undefined: the caller asked for help. */
export function optionsOf(args: readonly string[]): Options | undefined {
  const { values } = parse(args)
  if (values.help) return undefined
  const { base, head, out, trace } = values
  if (!base || !out) throw new PreviewError('USAGE', `${base ? '--out' : '--base'} is missing.\n\n${usage}`)
  return { base, out: resolve(out), ...(head ? { head } : {}), ...(trace ? { trace } : {}) }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        base: { type: 'string' },
        head: { type: 'string' },
        out: { type: 'string' },
        trace: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new PreviewError('USAGE', `${(error as Error).message}\n\n${usage}`)
  }
}

/** Makes the folder where it is missing. Throws PreviewError OUT before anything has been built. */
export function writable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder')
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new PreviewError(
      'OUT',
      `--out ${folder} cannot be written to: ${(error as Error).message}. Name another folder.`,
    )
  }
}
