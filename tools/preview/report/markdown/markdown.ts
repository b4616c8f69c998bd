import { growthWords } from '../growth.ts'
import type { Report } from '../report.ts'
import { capacityWords, countWords, findingWords, moneyWords, verdictOf, whatThisIs } from '../summary.ts'
import { places } from '../values.ts'
import { resources, risks } from './changes.ts'
import { capacityText, growthText, linksText, moneyText, scalingText } from './numbers.ts'
import { policies } from './policies.ts'
import { code, details, type Level, levels, most, plain } from './text.ts'

/** GitHub refuses a comment of more than 65,536 characters; the rest is for the frame that CI puts around it. Bytes are counted, which are at least as many. */
export const mostBytes = 64_000

/** What a later run looks for to replace its own comment. */
export const marker = '<!-- neurodefender-preview -->'

const icons = { refused: '🛑', careful: '⚠️', changes: '✅', nothing: '✅' } as const

function summary(report: Report): string {
  const { kind, words } = verdictOf(report)
  const { base, head } = report
  return [
    marker,
    `## ${icons[kind]} ${words}`,
    '',
    `Preview of ${code(head.name)} (${head.commit}) against ${code(base.name)} (${base.commit}).`,
    '',
    '| | |',
    '| --- | --- |',
    `| Resources | ${countWords(report.changes)} |`,
    `| Money | ${moneyWords(report)} |`,
    `| Capacity | ${plain(capacityWords(report))} |`,
    `| Load | ${plain(growthWords(report.growth))} |`,
    `| Findings | ${findingWords(report)} |`,
  ].join('\n')
}

function violations({ violations: all }: Report): string {
  if (all.length === 0) return ''
  const lines = all.map(
    ({ rule, message, where, purpose, isNew }) =>
      `- ${isNew ? '**new** ' : ''}**${rule}** (${plain(places(where))}): ${plain(message)}${purpose ? ` Because ${plain(purpose)}.` : ''}`,
  )
  return ['### What stops it', '', ...lines].join('\n')
}

/** Findings and verdicts that stop nothing. */
function advice({ findings, verdicts }: Report, level: Level): string {
  const all = [
    ...findings.now
      .filter(({ said }) => said.stops.length === 0)
      .map(({ said, isNew }) => ({ isNew, text: `**${said.rule}**: ${plain(said.message)}` })),
    ...verdicts.now
      .filter(({ said }) => said.enforcement === 'advisory' || said.exempted)
      .map(({ said, isNew }) => ({
        isNew,
        text: `**${said.rule}** (${plain(said.stack)}): ${plain(said.message)}${said.exempted ? ` Exempted: ${plain(said.exempted)}` : ''}`,
      })),
  ]
  const gone = [...findings.gone, ...verdicts.gone].map(({ rule, message }) => `- ${rule}: ${plain(message)}`)
  return [
    ...(all.length > 0
      ? [
          details(
            `Advice: ${all.filter(({ isNew }) => isNew).length} new, ${all.length} in all`,
            most(all, level.rows, 'findings', ({ isNew, text }) => `- ${isNew ? '**new** ' : ''}${text}`).join('\n'),
          ),
        ]
      : []),
    ...(gone.length > 0
      ? [
          details(
            `Settled by this change: ${gone.length}`,
            most(gone, level.rows, 'findings', (line) => line).join('\n'),
          ),
        ]
      : []),
  ].join('\n')
}

const notes = ({ remarks }: Report): string =>
  ['### What this is', '', whatThisIs, ...remarks.map((text) => `\n${plain(text)}`)].join('\n')

const text = (report: Report, level: Level): string =>
  [
    summary(report),
    violations(report),
    risks(report, level),
    policies(report, level),
    capacityText(report, level),
    growthText(report, level),
    moneyText(report, level),
    scalingText(report, level),
    resources(report, level),
    advice(report, level),
    linksText(report),
    notes(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')

const fits = (candidate: string): boolean => Buffer.byteLength(candidate) <= mostBytes

/** The report as a comment on a pull request: as much detail as GitHub takes, and always the summary and what stops the change. */
export function markdown(report: Report): string {
  for (const level of levels) {
    const candidate = text(report, level)
    if (fits(candidate)) return candidate
  }
  return shortest(report)
}

/** The summary and the violations, of which the last ones are only counted when even they are too many. */
function shortest(report: Report): string {
  const end = '\n\nThe rest is in the HTML report: there is too much for a comment.\n'
  for (let keep = report.violations.length; keep >= 0; keep = keep > 64 ? Math.floor(keep * 0.9) : keep - 1) {
    const left = report.violations.length - keep
    const kept = violations({ ...report, violations: report.violations.slice(0, keep) })
    const candidate = `${summary(report)}\n\n${kept}${left > 0 ? `\n- … and ${left} more` : ''}${end}`
    if (fits(candidate)) return candidate
  }
  return `${summary(report)}${end}`
}
