import type { Report } from '../report.ts'
import { capacityWords, countWords, findingWords, moneyWords, verdictOf } from '../summary.ts'
import { count } from '../values.ts'
import { h, type Markup, nothing } from './markup.ts'
import {
  capacitySection,
  findingsSection,
  moneySection,
  notes,
  policies,
  resourcesSection,
  risks,
  scalingSection,
  violations,
} from './sections.ts'
import { style } from './style.ts'

const tile = (name: string, value: string, more: string): Markup =>
  h`<div class="tile"><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`

/** '$1 to $2 a month (+$1 to +$2)' → its two halves. */
const halves = (text: string, at: RegExp): [string, string] => {
  const [first = '', ...rest] = text.split(at)
  return [first, rest.join('').replace(/[()]/g, '').trim()]
}

function tiles(report: Report): Markup {
  const [sum, change] = halves(moneyWords(report), / a month,? ?/)
  const capacity = capacityWords(report)
  const [fits, ...which] = capacity.split(/: (.*)/)
  return h`<dl class="tiles">${tile('Resources', count(report.changes.length), countWords(report.changes))}
${tile('Money a month', sum, change)}
${tile('Capacity', fits.startsWith('does') ? 'Does not fit' : fits.startsWith('no') ? 'None' : 'Fits', fits.startsWith('does') ? which.join('') : fits)}
${tile('Findings', count(report.findings.now.length + report.verdicts.now.length), findingWords(report))}</dl>`
}

const contents = [
  ['stops', 'What stops it'],
  ['risk', 'Data at risk'],
  ['policies', 'Policies'],
  ['capacity', 'Capacity'],
  ['money', 'Money'],
  ['resources', 'Resources'],
  ['findings', 'Findings'],
  ['scaling-effect', 'Scaling'],
] as const

/** The report as one page that asks nobody for anything. */
export function html(report: Report): string {
  const { kind, words } = verdictOf(report)
  const { base, head } = report
  const body = [
    violations(report),
    risks(report),
    policies(report),
    capacitySection(report),
    moneySection(report),
    resourcesSection(report),
    findingsSection(report),
    scalingSection(),
  ]
  const there = contents.filter(([id]) => body.some(({ text }) => text.startsWith(`<section id="${id}"`)))
  return h`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Preview: ${words}</title><style>${nothing}</style></head>
<body><header class="${kind}"><div><p class="over">Preview of <code>${head.name}</code> (${head.commit}) against <code>${base.name}</code> (${base.commit})</p>
<h1>${words}</h1>${tiles(report)}</div></header>
<nav aria-label="Parts of this report"><div>${there.map(([id, title]) => h`<a href="#${id}">${title}</a>`)}</div></nav>
<main>${body}${notes(report)}</main></body></html>
`.text.replace('<style></style>', () => `<style>${style}</style>`)
}
