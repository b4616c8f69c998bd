import type { Report } from '../report.ts'
import { capacityParts, countWords, findingWords, moneyParts, verdictOf } from '../summary.ts'
import { count } from '../values.ts'
import { h, type Markup, nothing } from './markup.ts'
import {
  capacitySection,
  findingsSection,
  growthSection,
  moneySection,
  notes,
  policies,
  resourcesSection,
  risks,
  scalingSection,
  violations,
} from './sections.ts'
import { style } from './style.ts'

const tile = (name: string, value: string, more: string, wide = false): Markup =>
  h`<div class="tile${wide ? ' wide' : ''}"><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`

function tiles(report: Report): Markup {
  const { now, change } = moneyParts(report)
  const { title, words } = capacityParts(report)
  const findings = report.findings.now.length + report.verdicts.now.length
  return h`<dl class="tiles">${tile('Resources', count(report.changes.length), countWords(report.changes))}
${tile('Money a month', now, change, true)}
${tile('Capacity', title, words, true)}
${tile('Findings', count(findings), findingWords(report))}</dl>`
}

const contents = [
  ['stops', 'What stops it'],
  ['risk', 'Data at risk'],
  ['policies', 'Policies'],
  ['capacity', 'Capacity'],
  ['growth', 'Load'],
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
    growthSection(report),
    moneySection(report),
    resourcesSection(report),
    findingsSection(report),
    scalingSection(report),
  ]
  const there = contents.filter(([id]) => body.some(({ text }) => text.startsWith(`<section id="${id}"`)))
  return h`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Preview: ${words}</title><style>${nothing}</style></head>
<body id="top"><header class="${kind}"><div><p class="over">Preview of <code>${head.name}</code> (${head.commit}) against <code>${base.name}</code> (${base.commit})</p>
<h1>${words}</h1>${tiles(report)}</div></header>
<nav aria-label="Parts of this report"><div>${there.map(([id, title]) => h`<a href="#${id}">${title}</a>`)}</div></nav>
<main>${body}${notes(report)}</main></body></html>
`.text.replace('<style></style>', () => `<style>${style}</style>`)
}
