import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fileFindings, medianLines } from './files.ts'
import { renderFindings } from './finding.ts'
import { importFindings } from './imports.ts'
import { policyReport } from './policies.ts'
import { sourceFiles } from './source.ts'

/** Everything that can be judged without running the product: the house's directions, its files, its policies, and Biome. */
export function lint(root: string): { readonly text: string; readonly ok: boolean } {
  const files = sourceFiles(root)
  const findings = [...importFindings(files), ...fileFindings(files)]
  const policies = policyReport()
  const text = [
    ...(findings.length > 0 ? [renderFindings(findings)] : []),
    `${files.length} files, median ${medianLines(files)} lines of code; ${findings.length} findings.`,
    policies.text,
  ].join('\n')
  return { text, ok: findings.length === 0 && policies.ok }
}

/** Biome's verdict on format and code, printed as it comes. */
function biome(root: string): boolean {
  const bin = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))
  return (
    spawnSync(process.execPath, [bin, 'check', '--error-on-warnings', '.'], { cwd: root, stdio: 'inherit' }).status ===
    0
  )
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const { text, ok } = lint(root)
  console.log(text)
  process.exitCode = biome(root) && ok ? 0 : 1
}
