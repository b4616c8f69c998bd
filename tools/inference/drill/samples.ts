import type { SampleSource, Series } from '../../../services/common/prometheus/prometheus.ts'

/** Prometheus' text form, line by line: a name, labels, a value. */
function* lines(text: string): Generator<readonly [Readonly<Record<string, string>>, number]> {
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!found) continue
    const [, name = '', labels = '', value] = found
    const named = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text])
    yield [{ __name__: name, job: 'gateway', instance: 'drill', ...Object.fromEntries(named) }, Number(value)]
  }
}

/** A selector of `label=~"expression"` and `label="text"`, as Prometheus matches it. */
function matcher(selector: string): (labels: Series['labels']) => boolean {
  const name = /^\w+/.exec(selector)?.[0]
  const tests = [...selector.matchAll(/(\w+)(=~|=)"((?:[^"\\]|\\.)*)"/g)].map(([, label = '', operator, text = '']) => {
    const value = text.replaceAll(String.raw`\\`, '\\')
    const expression = new RegExp(`^(?:${value})$`)
    return (labels: Series['labels']) =>
      operator === '=' ? (labels[label] ?? '') === value : expression.test(labels[label] ?? '')
  })
  return (labels) => (name === undefined || labels.__name__ === name) && tests.every((test) => test(labels))
}

/** What Prometheus would keep of one target: every sample of every scrape. */
export class Samples implements SampleSource {
  readonly #series = new Map<string, { labels: Series['labels']; samples: [number, number][] }>()

  /** @param at milliseconds since 1970. */
  scraped(text: string, at: number): void {
    for (const [labels, value] of lines(text)) {
      const key = JSON.stringify(labels)
      const one = this.#series.get(key) ?? { labels, samples: [] }
      one.samples.push([at / 1_000, value])
      this.#series.set(key, one)
    }
  }

  async range(selector: string, from: number, to: number): Promise<readonly Series[]> {
    const wanted = matcher(selector)
    return [...this.#series.values()]
      .filter(({ labels }) => wanted(labels))
      .map(({ labels, samples }) => ({
        labels,
        samples: samples.filter(([seconds]) => seconds * 1_000 > from && seconds * 1_000 <= to),
      }))
      .filter(({ samples }) => samples.length > 0)
  }
}
