import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { policies } from '../../policies/bundle.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import { html } from './report/html/html.ts'
import { Browser, ensureChromium, type Page } from './testing/browser.ts'
import { built, reportOf } from './testing/fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'preview-browser-'))
const file = join(folder, 'preview.html')
const url = pathToFileURL(file).href
let browser: Browser

before(async () => {
  const binary = ensureChromium()
  const head = changed({
    'scaling.ml_inference.actions.max_replicas': 40,
    'cloud.prod.kafka.brokers': 9,
    'cloud.prod.network': 3,
    'regions.us-west-2.jurisdiction': 'eu',
  })
  writeFileSync(file, html(await reportOf(await built(policies), await built(head))))
  browser = new Browser(binary)
})

after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const openAll = 'document.querySelectorAll("details").forEach((one) => { one.open = true })'

/** For people: SCREENSHOTS=folder keeps what each part looks like. */
async function keep(page: Page, name: string): Promise<void> {
  const { SCREENSHOTS } = process.env
  if (!SCREENSHOTS) return
  for (const id of ['top', 'risk', 'capacity', 'money', 'resources']) {
    await page.evaluate(`document.getElementById('${id}')?.scrollIntoView()`)
    writeFileSync(join(SCREENSHOTS, `${name}-${id}.png`), await page.screenshot())
  }
}

/** Bars and texts of every plot that are drawn where somebody sees them. */
const drawn = `[...document.querySelectorAll('svg.plot')].map((plot) => {
  const box = plot.getBoundingClientRect()
  const seen = (one) => { const b = one.getBoundingClientRect(); return b.width > 0 && b.height > 0 && b.left >= box.left - 1 && b.right <= box.right + 1 }
  const all = (name) => [...plot.querySelectorAll(name)]
  return { id: plot.getAttribute('aria-labelledby'), bars: all('rect').filter(seen).length, texts: all('text').length, inside: all('text').every(seen), named: plot.querySelector('desc')?.textContent.length > 10 }
})`

/** Labels and numbers of a row that run into each other. */
const collisions = `[...document.querySelectorAll('svg.plot > svg')].filter((row) => {
  const [label, value] = [...row.querySelectorAll('text')].map((one) => one.getBoundingClientRect())
  return label && value && label.right > value.left
}).map((row) => row.textContent.trim())`

for (const [name, width, height] of [
  ['a desk', 1280, 900],
  ['a phone', 390, 844],
] as const)
  for (const dark of [false, true])
    test(`on ${name}${dark ? ' in the dark' : ''} the plots are drawn, nothing is complained of, and the page does not scroll sideways`, async () => {
      const page = await browser.page(url, { width, height, dark })
      const plots =
        await page.evaluate<{ id: string; bars: number; texts: number; inside: boolean; named: boolean }[]>(drawn)
      const ids = plots.map(({ id }) => id)
      for (const id of ['plot-capacity-prod', 'plot-capacity-staging', 'plot-cost', 'plot-stacks-0'])
        assert.ok(ids.includes(id), id)
      for (const { id, bars, texts, inside, named } of plots) {
        assert.ok(bars >= texts / 2 && texts >= 4, `${id}: ${bars} bars, ${texts} texts`)
        assert.ok(inside && named, `${id}: a text outside, or no words`)
      }
      assert.deepEqual(await page.evaluate(collisions), [])
      await keep(page, `${name.slice(2)}-${dark ? 'dark' : 'light'}`)
      await page.evaluate(openAll)
      const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.equal(sideways, 0)
      assert.deepEqual(page.complaints, [])
      assert.deepEqual(page.requests, [url], 'it asks nobody for anything')
      const [ink, paper] = await page.evaluate<[string, string]>(
        `['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])`,
      )
      const light = (color: string): number => Number(/\d+/.exec(color)?.[0])
      assert.equal(light(ink) > light(paper), dark)
    })

test('texts are large enough to read on a phone', async () => {
  const page = await browser.page(url, { width: 390, height: 844 })
  await page.evaluate(openAll)
  const small = await page.evaluate<string[]>(
    `[...document.querySelectorAll('body *')].filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && parseFloat(getComputedStyle(one).fontSize) < 11.9).map((one) => one.tagName + ' ' + one.textContent.slice(0, 40))`,
  )
  assert.deepEqual(small, [])
})
