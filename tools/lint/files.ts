import { type LintFinding, lineAt } from './finding.ts'
import { isCode, isTest, type SourceFile } from './source.ts'

const mostLines = 500

/** What must not stand in a file. The patterns are written so that they do not find themselves. */
interface Forbidden {
  readonly rule: string
  readonly pattern: RegExp
  readonly says: string
  readonly where: (file: SourceFile) => boolean
}

const everywhere = (): boolean => true

const forbidden: readonly Forbidden[] = [
  {
    rule: 'no-later',
    pattern: /\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/g,
    says: 'is a promise that nobody keeps: do it now, or write an issue.',
    where: everywhere,
  },
  {
    rule: 'no-partial-tests',
    pattern: /\b(?:test|describe|it|suite)\.(?:on[l]y|ski[p]|tod[o])\b|\bon[l]y: true\b|\bski[p]: true\b/g,
    says: 'leaves tests out: run them all, or say by a condition why one cannot run here.',
    where: isTest,
  },
  {
    rule: 'no-machine-paths',
    pattern: /(?<![\w./:-])\/(?:work|root|home|Users|farm)\/[\w.-]+/g,
    says: 'is a path of one machine: take it from an argument, the environment or the repository.',
    where: everywhere,
  },
  {
    rule: 'no-shared-folder',
    pattern: /\.\.\/shar[e]d\b/g,
    says: 'is outside the repository: only tests may look there, and skip without it.',
    where: (file) => !isTest(file),
  },
  {
    rule: 'no-registry-hosts',
    pattern:
      /\b(?:registry\.npmjs\.org|proxy\.golang\.org|(?:deb|security)\.debian\.org|repo1?\.maven\.org|repo\.maven\.apache\.org|(?:files\.)?py(?:pi|thonhosted)\.org)\b/g,
    says: 'is a package registry: each tool asks the one that its own configuration names.',
    where: isCode,
  },
]

/** The middle number of lines of the code files. */
export function medianLines(files: readonly SourceFile[]): number {
  const sorted = files
    .filter(isCode)
    .map(lines)
    .sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const lines = ({ text }: SourceFile): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

/** Files that are too long or hold what must not be there. */
export const fileFindings = (files: readonly SourceFile[]): LintFinding[] =>
  files.flatMap((file) => [
    ...(isCode(file) && lines(file) > mostLines
      ? [
          {
            file: file.path,
            line: mostLines + 1,
            rule: 'file-length',
            message: `The file has ${lines(file)} lines; at most ${mostLines}: give each noun a file of its own.`,
          },
        ]
      : []),
    ...forbidden
      .filter(({ where }) => where(file))
      .flatMap(({ rule, pattern, says }) =>
        [...file.text.matchAll(pattern)].map((match) => ({
          file: file.path,
          line: lineAt(file.text, match.index),
          rule,
          message: `'${match[0]}' ${says}`,
        })),
      ),
  ])
