import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PreviewError } from '../error.ts'

/** One side of the comparison, as files on this machine. */
export interface Revision {
  /** What the caller called it; 'working tree' for the files as they are. */
  readonly name: string
  /** Abbreviated commit; of the working tree, the one that it stands on. */
  readonly commit: string
  readonly folder: string
  /** Of package-lock.json, to see whether the installed packages are this revision's. */
  readonly lock: string
}

const run = promisify(execFile)
const prefix = 'neurodefender-preview-'

async function git(repository: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run('git', ['-C', repository, ...args], { maxBuffer: 64 * 2 ** 20 })).stdout.trim()
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new PreviewError('NO_GIT', 'git is missing: install it, the revisions come from it.')
    throw new PreviewError('GIT', `git ${args[0]} failed in ${repository}: ${(stderr ?? '').trim()}`)
  }
}

async function commitOf(repository: string, ref: string): Promise<string> {
  try {
    return await git(repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  } catch (error) {
    if (error instanceof PreviewError && error.code === 'NO_GIT') throw error
    const branches = await git(repository, 'for-each-ref', '--count=8', '--format=%(refname:short)', 'refs/heads')
    throw new PreviewError(
      'UNKNOWN_REF',
      `There is no revision '${ref}' in this clone. Name a branch, tag or commit (branches here: ${branches.split('\n').join(', ')}), or fetch it first: git fetch origin ${ref}`,
    )
  }
}

/** Writes a commit's files into a folder. */
async function extract(repository: string, commit: string, folder: string, signal?: AbortSignal): Promise<void> {
  const archive = spawn('git', ['-C', repository, 'archive', '--format=tar', commit], { signal })
  const tar = spawn('tar', ['-x', '-C', folder], { signal, stdio: ['pipe', 'inherit', 'inherit'] })
  archive.stdout.pipe(tar.stdin)
  const ends = [archive, tar].map(
    (child) =>
      new Promise<void>((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) =>
          code === 0 ? resolve() : reject(new PreviewError('GIT', `The files of ${commit} could not be written out.`)),
        )
      }),
  )
  await Promise.all(ends)
}

const lockOf = (folder: string): string =>
  existsSync(join(folder, 'package-lock.json')) ? readFileSync(join(folder, 'package-lock.json'), 'utf8') : ''

/** The files as they are, committed or not. */
export async function workingTree(repository: string): Promise<Revision> {
  const commit = await git(repository, 'rev-parse', '--short=10', 'HEAD')
  return { name: 'working tree', commit, folder: realpathSync(repository), lock: lockOf(repository) }
}

/** Temporary folders of revisions; all gone after `clear`, which also runs when the process ends by itself. */
export class Checkouts {
  readonly #repository: string
  readonly #folders: string[] = []
  readonly #clear = (): void => this.clear()

  constructor(repository: string) {
    this.#repository = repository
    process.on('exit', this.#clear)
    sweep()
  }

  /** A revision's files in a folder of their own, with the packages that are installed here. Throws PreviewError UNKNOWN_REF. */
  async at(ref: string, signal?: AbortSignal): Promise<Revision> {
    const commit = await commitOf(this.#repository, ref)
    const folder = realpathSync(mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`)))
    this.#folders.push(folder)
    await extract(this.#repository, commit, folder, signal)
    // The same real path for both sides: Pulumi's runtime must be one in a process.
    symlinkSync(realpathSync(join(this.#repository, 'node_modules')), join(folder, 'node_modules'))
    return { name: ref, commit: commit.slice(0, 10), folder, lock: lockOf(folder) }
  }

  clear(): void {
    process.off('exit', this.#clear)
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes what a killed run left behind. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0
    if (pid > 0 && !alive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
