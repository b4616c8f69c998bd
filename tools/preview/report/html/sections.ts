import { svg } from '../../../simulate/svg.ts'
import { exceeds } from '../../capacity/capacity.ts'
import type { ChangeKind, ResourceChange } from '../../compare/resources.ts'
import { byUse, pricesAsOf } from '../../cost/prices.ts'
import type { ScalingEffect } from '../../scaling/effects.ts'
import { curveWords, growthEnvironments, growthIs, growthLine, growthLoads, serviceLines } from '../growth.ts'
import type { Report } from '../report.ts'
import { atRisk, money, programWords, scalingCells, scalingHead, scalingWords, whatThisIs } from '../summary.ts'
import { count, difference, dollars, plural, shortType, shown } from '../values.ts'
import { dotted, h, Markup, nothing } from './markup.ts'
import { capacityPlots, costPlot, growthPlot, stackPlot } from './plots.ts'

const words: Readonly<Record<ChangeKind, string>> = {
  added: 'added',
  changed: 'changed',
  'may-replace': 'may be replaced',
  replaced: 'replaced',
  deleted: 'deleted',
}

const section = (id: string, title: string, body: Markup): Markup =>
  h`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`

const table = (head: readonly string[], rows: readonly Markup[], numbers: readonly number[]): Markup =>
  h`<div class="scroll" tabindex="0" role="region" aria-label="${head.filter(Boolean).join(', ')}"><table><thead><tr>${head.map((text, i) => h`<th${numbers.includes(i) ? h` class="n"` : nothing}>${text}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`

const isNewTag = (isNew: boolean): Markup => (isNew ? h`<span class="tag new">new</span>` : nothing)

export function violations({ violations: all }: Report): Markup {
  if (all.length === 0) return nothing
  return section(
    'stops',
    'What stops it',
    h`<ul class="plain">${all.map(({ rule, message, where, purpose, isNew }) => h`<li class="stop">${isNewTag(isNew)}<span class="tag">${rule}</span>${where.length > 3 ? nothing : where.map((place) => h`<span class="tag">${place}</span>`)}<div>${message}</div>${where.length > 3 ? h`<details><summary>${plural(where.length, 'place')}</summary><div>${where.map((place) => h`<div><code>${place}</code></div>`)}</div></details>` : nothing}${purpose ? h`<div class="soft"><small>Because ${purpose}.</small></div>` : nothing}</li>`)}</ul>`,
  )
}

const diff = ({ properties }: ResourceChange): Markup =>
  properties.length === 0
    ? nothing
    : h`<div class="diff" tabindex="0">${properties.map((change) => {
        const { before, after } = shown(change)
        return h`${before === undefined ? nothing : h`<div class="was">- ${change.path}: ${before}</div>`}${after === undefined ? nothing : h`<div class="is">+ ${change.path}: ${after}</div>`}`
      })}</div>`

const entry = (change: ResourceChange): Markup =>
  h`<div class="change"><span class="tag ${change.kind}">${words[change.kind]}</span>${change.component ? h`<span class="tag">component</span>` : nothing}${shortType(change.type)} <code>${change.name}</code>${change.because.length > 0 ? h`<div class="soft"><small>because of ${change.because.join(', ')}</small></div>` : nothing}${diff(change)}</div>`

export function risks({ changes }: Report): Markup {
  const risk = atRisk(changes)
  if (risk.length === 0) return nothing
  return section(
    'risk',
    'Data at risk',
    h`<p class="soft">These keep what nobody else has. Replaced, they begin empty.</p>${risk.map((change) => h`<div class="change"><span class="tag ${change.kind}">${words[change.kind]}</span>${shortType(change.type)} <code>${change.name}</code> in <code>${change.stack}</code>${change.because.length > 0 ? h`<div class="soft"><small>because of ${change.because.join(', ')}</small></div>` : nothing}${change.carries.length > 0 ? h`<div><small>With it goes what stands on it: ${change.carries.join(', ')}.</small></div>` : nothing}${change.protect ? h`<div><small>It is protected: the engine will refuse.</small></div>` : nothing}</div>`)}`,
  )
}

export function policies(report: Report): Markup {
  const { policies: all, changes } = report
  const programs = programWords(report)
  if (all.length === 0) return section('policies', 'Policies', h`<p class="soft">No policy changed. ${programs}</p>`)
  const body = all.map(({ edits, follows, findings, unknown }) => {
    const urns = new Set(follows.map(({ stack, urn }) => `${stack} ${urn}`))
    const own = changes.filter(({ stack, urn }) => urns.has(`${stack} ${urn}`))
    return h`<div class="change">${edits.map(({ keys, before, after }) => {
      const values = shown({ path: keys.join('.'), before, after })
      return h`<div><code>${dotted(keys.join('.'))}</code>: <code class="was">${values.before ?? 'nothing'}</code> → <code class="is">${values.after ?? 'nothing'}</code></div>`
    })}
${unknown ? h`<p class="soft">What follows from it alone cannot be told, for the change does not build without it: ${unknown}</p>` : h`<details><summary>${own.length === 0 ? 'No resource that was there follows from it: only what reads it at run time, and the checks' : `${plural(own.length, 'resource follows', 'resources follow')} from it`}${findings.length > 0 ? `, and ${plural(findings.length, 'finding')}` : ''}</summary><div>${findings.map(({ message }) => h`<div class="soft"><span class="tag new">finding</span><small>${message}</small></div>`)}${own.map(({ kind, type, name, stack }) => h`<div><span class="tag ${kind}">${words[kind]}</span>${shortType(type)} <code>${name}</code> in <code>${stack}</code></div>`)}</div></details>`}</div>`
  })
  return section(
    'policies',
    'Policies, and what follows',
    h`${body}${programs ? h`<p class="soft">${programs}</p>` : nothing}`,
  )
}

const moved = (before: number | undefined, after: number): Markup =>
  before === undefined || before === after
    ? h`${count(after)}`
    : h`<span class="soft">${count(before)} →</span> ${count(after)}`

export function capacitySection(report: Report): Markup {
  const { capacity } = report
  if (capacity.length === 0) return nothing
  const rows = capacity.flatMap(({ before, after }) =>
    after
      ? h`<tr><td>${after.environment}</td><td>${after.what}, ${after.unit}</td><td class="n">${moved(before?.min, after.min)}</td><td class="n${exceeds(after) ? ' bad' : ''}">${moved(before?.max, after.max)}</td><td class="n">${moved(before?.limit, after.limit)}</td><td><code>${after.path}</code></td></tr>`
      : [],
  )
  return section(
    'capacity',
    'Capacity of each region',
    h`${capacityPlots(report)}<details><summary>The numbers, and where each limit stands</summary><div>${table(['environment', 'of', 'fewest replicas', 'most replicas', 'limit', 'policy'], rows, [2, 3, 4])}</div></details>`,
  )
}

export function growthSection(report: Report): Markup {
  const { growth } = report
  if (growth.length === 0) return nothing
  const rows = growth.map((one) => {
    const { environment, load, machines, dollars: cost, change, short } = growthLine(one)
    return h`<tr><td>${environment}</td><td class="n">${load}</td><td>${machines}</td><td class="n">${cost}</td><td class="n soft">${change}</td><td${short.length > 0 ? h` class="bad"` : nothing}>${short.length > 0 ? short.map((text) => h`<div>${text}</div>`) : 'fits'}</td></tr>`
  })
  const loads = growthLoads(growth)
  const services = growthEnvironments(growth).map((environment) => {
    const lines = serviceLines(growth, environment).map(
      ({ service, cells }) =>
        h`<tr><td>${service}</td>${cells.map(({ pods, by }) => h`<td class="n">${pods} <span class="soft">${by}</span></td>`)}${cells.map(({ busy, p99 }) => h`<td class="n">${busy}${busy && p99 ? ', ' : ''}${p99}</td>`)}</tr>`,
    )
    const head = [
      'service',
      ...loads.map((load) => `pods at ${load}×`),
      ...loads.map((load) => `busy, P99 at ${load}×`),
    ]
    return h`<details><summary>Pods of ${environment}</summary><div>${table(head, lines, head.map((_, i) => i).slice(1))}</div></details>`
  })
  return section(
    'growth',
    'Load: what a region takes at 1×, 2× and 10×',
    h`${growthPlot(report)}${table(['environment', 'load', 'machines', 'a month', 'change', ''], rows, [1, 3, 4])}${services}
<details><summary>Where the curves come from</summary><div>${curveWords().map((text) => h`<div><small>${text}</small></div>`)}</div></details>
<p class="soft"><small>${growthIs}</small></p>`,
  )
}

export function moneySection(report: Report): Markup {
  const { bill, unpriced } = report
  if (bill.length === 0) return nothing
  const { before, after } = money(report)
  const rows = bill.map(
    (line) =>
      h`<tr><td>${line.environment}</td><td>${line.service}</td>${(['min', 'max'] as const).map((at) => h`<td class="n">${dollars(line.after?.[at] ?? 0)}</td><td class="n soft">${difference((line.after?.[at] ?? 0) - (line.before?.[at] ?? 0))}</td>`)}</tr>`,
  )
  const sum = h`<tr class="sum"><td></td><td>all</td>${(['min', 'max'] as const).map((at) => h`<td class="n">${dollars(after[at])}</td><td class="n">${difference(after[at] - before[at])}</td>`)}</tr>`
  return section(
    'money',
    'Money, US dollars a month',
    h`${costPlot(report)}<p class="soft"><small>List prices as of ${pricesAsOf} (<code>tools/preview/cost/prices.json</code>), without discounts. What is paid by use is in no sum.${unpriced.length > 0 ? ` No price is known for: ${unpriced.join(', ')}.` : ''}</small></p>
<details><summary>The numbers, by environment</summary><div>${table(['environment', 'service', 'fewest replicas', 'change', 'most replicas', 'change'], [...rows, sum], [2, 3, 4, 5])}</div></details>
<details><summary>Paid by use</summary><div>${table(
      ['unit', 'US dollars'],
      Object.entries(byUse).map(([name, price]) => h`<tr><td>${name}</td><td class="n">${price}</td></tr>`),
      [1],
    )}</div></details>`,
  )
}

export function resourcesSection(report: Report): Markup {
  const { stacks, changes } = report
  const kinds: readonly ChangeKind[] = ['replaced', 'deleted', 'may-replace', 'changed', 'added']
  const lists = stacks.flatMap(({ stack, error }) => {
    const own = changes.filter((change) => change.stack === stack)
    if (own.length === 0 && !error) return []
    const sorted = kinds.flatMap((kind) => own.filter((change) => change.kind === kind))
    return h`<details><summary><code>${stack}</code> ${error ? 'was not compared' : plural(own.length, 'resource')}</summary><div>${error ? h`<p>${error}</p>` : nothing}${sorted.map(entry)}</div></details>`
  })
  return section(
    'resources',
    'Resources',
    h`${stackPlot(report)}${lists.length > 0 ? h`<h3>What becomes of each</h3>${lists}` : nothing}`,
  )
}

export function findingsSection({ findings, verdicts, links }: Report): Markup {
  const advice = [
    ...findings.now
      .filter(({ said }) => said.stops.length === 0)
      .map(({ said, isNew }) => ({
        isNew,
        rule: said.rule,
        where: said.environment ?? 'everywhere',
        message: said.message,
        more: '',
      })),
    ...verdicts.now
      .filter(({ said }) => said.enforcement === 'advisory')
      .map(({ said, isNew }) => ({
        isNew,
        rule: said.rule,
        where: said.stack,
        message: said.message,
        more: said.exempted ? `Exempted ${said.exempted}` : said.remediation,
      })),
  ]
  const gone = [...findings.gone, ...verdicts.gone]
  const edges = links.map(
    ({ environment, from, to, jurisdiction, replication, roundTrip, ofBudget, carries, forbidden }) =>
      h`<tr><td>${environment}</td><td>${from} → ${to} (${jurisdiction})</td><td>${replication}</td><td class="n">${roundTrip}</td><td class="n">${Math.round(ofBudget * 100)} %</td><td>${carries.map((name) => h`<div>${name}</div>`)}</td><td class="bad">${forbidden.map((name) => h`<div>${name}</div>`)}</td></tr>`,
  )
  return section(
    'findings',
    'Advice, residency and latency',
    h`${advice.length > 0 ? h`<ul class="plain">${advice.map(({ isNew, rule, where, message, more }) => h`<li class="advice">${isNewTag(isNew)}<span class="tag">${rule}</span><span class="tag">${where}</span><div>${message}</div>${more ? h`<div class="soft"><small>${more}</small></div>` : nothing}</li>`)}</ul>` : h`<p class="soft">No advice.</p>`}
${gone.length > 0 ? h`<h3>Settled by this change</h3><ul class="plain">${gone.map(({ rule, message }) => h`<li class="settled"><span class="tag">${rule}</span><div>${message}</div></li>`)}</ul>` : nothing}
${edges.length > 0 ? h`<h3>Every edge over which copies go</h3>${table(['environment', 'edge', 'hot tier', 'round trip', 'of the budget', 'copies', 'not allowed'], edges, [3, 4])}` : nothing}`,
  )
}

/** Both sides of an effect as a picture; the picture's own text is made of numbers. */
const picture = ({ load, before, after }: ScalingEffect): Markup =>
  new Markup(
    svg(load, [
      ...(before ? [{ title: 'before', run: before }] : []),
      ...(after ? [{ title: 'after', run: after }] : []),
    ]),
  )

export function scalingSection(report: Report): Markup {
  const { scaling } = report
  const rows = scaling.map(
    (effect) =>
      h`<tr>${scalingCells(effect).map((cell, i) => (i >= 2 && i <= 6 ? h`<td class="n">${cell}</td>` : h`<td>${cell}</td>`))}</tr>`,
  )
  return section(
    'scaling-effect',
    'Replicas over recorded load',
    h`<p class="soft">${scalingWords(report)}</p>${rows.length > 0 ? table(scalingHead, rows, [2, 3, 4, 5, 6]) : nothing}
${scaling.map((effect) => h`<details><summary>${effect.policy}, ${effect.trace}: demand and pods over time</summary><div>${picture(effect)}</div></details>`)}`,
  )
}

export const notes = ({ remarks }: Report): Markup =>
  h`<footer><p>${whatThisIs}</p>${remarks.map((text) => h`<p>${text}</p>`)}</footer>`
