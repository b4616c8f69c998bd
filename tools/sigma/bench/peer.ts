import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultCacheRoot } from '../../../infra/local/state.ts'
import { type RuleSource, windows } from '../../../services/siem/correlation-engine/sigma/index.ts'
import { run } from '../../engine/command.ts'
import type { Passes } from './ours.ts'
import { pipelineOf } from './pipeline.ts'

/** The ways in which rsigma-eval can be asked to look for candidates; the best is taken. */
export const peerSettings = [
  { name: 'default', bloom: false, cross: false },
  { name: 'bloom prefilter', bloom: true, cross: false },
  { name: 'cross-rule automaton', bloom: false, cross: true },
] as const

export interface PeerMeasured extends Passes {
  readonly rules: number
  readonly failed: number
  readonly counts: Readonly<Record<string, number>>
}

/** Builds the peer into the cache (minutes at the first time) and gives its program. */
async function buildPeer(): Promise<string> {
  const target = join(defaultCacheRoot(process.env), 'sigma-peer')
  mkdirSync(target, { recursive: true })
  await run(
    'cargo',
    [
      'build',
      '--release',
      '--locked',
      '--manifest-path',
      fileURLToPath(new URL('../peer/Cargo.toml', import.meta.url)),
    ],
    {
      env: { ...process.env, CARGO_TARGET_DIR: target },
      onLine: (line) => {
        if (/^\s*(Compiling sigma-peer|Downloading|Finished)/.test(line)) console.error(line.trim())
      },
      missing: 'The peer is written in Rust: install cargo 1.95 or later, or leave it out with --no-peer.',
    },
  )
  return join(target, 'release', 'sigma-peer')
}

/** A folder with the rules and events as the peer reads them, gone after `use`. */
export async function withPeerInput<T>(
  sources: readonly RuleSource[],
  lines: readonly string[],
  use: (
    ask: (passes: number, setting: (typeof peerSettings)[number], routed: boolean) => Promise<PeerMeasured>,
    program: string,
  ) => Promise<T>,
): Promise<T> {
  const program = await buildPeer()
  const folder = mkdtempSync(join(tmpdir(), 'sigma-peer-'))
  try {
    for (const { file, text } of sources) {
      const path = join(folder, 'rules', file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    writeFileSync(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`)
    writeFileSync(join(folder, 'pipeline.yml'), pipelineOf(windows))
    return await use(async (passes, { bloom, cross }, routed) => {
      const args = [join(folder, 'rules'), join(folder, 'events.ndjson'), String(passes), String(bloom), String(cross)]
      const out = await run(program, routed ? [...args, join(folder, 'pipeline.yml')] : args)
      return JSON.parse(out) as PeerMeasured
    }, program)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
