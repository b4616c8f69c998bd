import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { location } from './schema.ts'

/** An object that its schema refuses, or that has none. */
export interface Invalid {
  /** 'Deployment analytics' */
  readonly object: string
  readonly says: string
}

interface Report {
  readonly resources: readonly {
    readonly kind: string
    readonly name: string
    readonly status: string
    readonly msg: string
    readonly validationErrors?: readonly { readonly path: string; readonly msg: string }[]
  }[]
  readonly summary: { readonly valid: number; readonly skipped: number }
}

/** Runs kubeconform; it ends with 1 when something is invalid, and says so on standard output all the same. */
const judge = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, [...args], { maxBuffer: 2 ** 26 }, (error, output, complaint) => {
      if (output.startsWith('{')) resolve(output)
      else
        reject(new Error(`kubeconform said nothing that can be read: ${complaint || error?.message}`, { cause: error }))
    })
  })

export interface Verdict {
  readonly valid: number
  readonly invalid: readonly Invalid[]
}

/** Judges objects by the schemas in these folders; the first that has a kind's is asked. A kind without a schema is invalid too. */
export async function validate(
  program: string,
  objects: readonly object[],
  folders: readonly string[],
): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'nd-manifests-'))
  try {
    const file = join(folder, 'all.yaml')
    // JSON is YAML.
    writeFileSync(file, objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''))
    const schemas = folders.flatMap((each) => ['-schema-location', location(each)])
    const { resources, summary } = JSON.parse(
      await judge(program, ['-strict', '-summary', '-output', 'json', ...schemas, file]),
    ) as Report
    if (summary.skipped > 0) throw new Error(`kubeconform skipped ${summary.skipped} objects.`)
    return {
      valid: summary.valid,
      invalid: resources
        .filter(({ status }) => status !== 'statusValid')
        .map(({ kind, name, msg, validationErrors = [] }) => ({
          object: `${kind} ${name}`,
          says: validationErrors.map(({ path, msg: says }) => `${path}: ${says}`).join('; ') || msg,
        })),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
