import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'
import type { Profile } from '../../infra/local/region.ts'
import { bundledPackages } from './packages.ts'

/** The programs that become images of their own: image name → entry file, from the top of the checkout. */
const programs = {
  'event-collector': 'services/siem/event-collector/main.ts',
  'hot-sink': 'services/siem/hot-sink/main.ts',
  analytics: 'services/siem/analytics/main.ts',
  'correlation-engine': 'services/siem/correlation-engine/main.ts',
  'shard-manager': 'services/platform/shard-manager/main.ts',
  'ml-inference': 'services/ngfw/ml-inference/main.ts',
  operator: 'services/platform/operator/main.ts',
  forecaster: 'services/platform/forecaster/main.ts',
  topics: 'services/platform/topics/main.ts',
  clickhouse: 'infra/local/clickhouse/main.ts',
} as const

const flowClassifier = 'services/ngfw/ml-inference/models/flow-classifier'

/** Files that lie beside a program, by its name: where in its folder → where in the checkout. */
const beside: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  'correlation-engine': { 'sigmahq.tar.gz': 'services/siem/correlation-engine/rules/sigmahq.tar.gz' },
  'ml-inference': Object.fromEntries(
    ['1/model.onnx', '2/model.onnx'].map((file) => [`models/flow-classifier/${file}`, `${flowClassifier}/${file}`]),
  ),
}

/** Packages with native code, by the program beside whose bundle its image has them. */
const native: Readonly<Partial<Record<string, readonly string[]>>> = {
  'ml-inference': ['onnxruntime-node', 'onnxruntime-common'],
}

export type ProgramName = keyof typeof programs

/** Programs that regions of the profile `core` are without. */
export const onlyFull: ReadonlySet<string> = new Set<ProgramName>(['ml-inference', 'operator', 'forecaster'])

const programsOf = (profile: Profile) =>
  Object.entries(programs).filter(([name]) => profile === 'full' || !onlyFull.has(name))

const checkout = new URL('../../', import.meta.url).pathname

/**
 * Makes one file of each program with all that it imports, except what carries native code. Equal sources give equal bytes, and so
 * equal image digests. `profile`: of which region; default: all there are. Answers each program's bundle folder: main.mjs, its source map, and packages.json, which lists what it holds of others.
 */
export async function bundlePrograms(cacheRoot: string): Promise<Record<ProgramName, string>>
export async function bundlePrograms(cacheRoot: string, profile: Profile): Promise<Readonly<Record<string, string>>>
export async function bundlePrograms(
  cacheRoot: string,
  profile: Profile = 'full',
): Promise<Readonly<Record<string, string>>> {
  const folder = join(cacheRoot, 'bundles')
  await mkdir(folder, { recursive: true })
  const made = await Promise.all(
    programsOf(profile).map(async ([name, entryPoint]) => {
      const { outputFiles, metafile } = await build({
        absWorkingDir: checkout,
        entryPoints: [entryPoint],
        outfile: 'main.mjs',
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'esm',
        sourcemap: 'linked',
        sourcesContent: false,
        legalComments: 'none',
        external: ['chdb', '@chdb/*', 'onnxruntime-node'],
        // A checkout whose node_modules is a link to another's gives the same paths, and so the same bytes.
        preserveSymlinks: true,
        // Packages in CommonJS ask for `require`, `__filename` and `__dirname`, which a module does not have.
        banner: {
          js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;",
        },
        logLevel: 'silent',
        write: false,
        metafile: true,
      })
      const apart = (native[name] ?? []).map((one) => `node_modules/${one}/package.json`)
      const packages = bundledPackages([...Object.keys(metafile.inputs), ...apart], checkout)
      const more = await Promise.all(
        Object.entries(beside[name] ?? {}).map(async ([path, file]) => ({
          path,
          contents: await readFile(join(checkout, file)),
        })),
      )
      const files = [
        ...outputFiles.map(({ path, contents }) => ({ path: basename(path), contents })),
        ...more,
        { path: 'packages.json', contents: Buffer.from(JSON.stringify(packages)) },
      ]
      const hash = createHash('sha256')
      for (const file of files) hash.update(file.contents)
      const target = join(folder, `${name}-${hash.digest('hex').slice(0, 16)}`)
      if (!existsSync(target)) await write(target, files)
      return [name, target] as const
    }),
  )
  return Object.fromEntries(made)
}

async function write(target: string, files: readonly { path: string; contents: Uint8Array }[]): Promise<void> {
  const temporary = `${target}.${process.pid}`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary)
  for (const { path, contents } of files) {
    await mkdir(join(temporary, dirname(path)), { recursive: true })
    await writeFile(join(temporary, path), contents)
  }
  await rename(temporary, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    await rm(temporary, { recursive: true })
  })
}
