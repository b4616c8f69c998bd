import { type Broken, type Check, unless } from './check.ts'

export const metrics: Check = {
  rule: 'metrics',
  purpose: 'a metric that Prometheus cannot name or never scrapes scales nothing',
  find: ({ services }) => {
    const scraped = new Set(
      services.prometheus?.calls.filter(({ port }) => port === 'admin').map(({ service }) => service),
    )
    return Object.entries(services).flatMap(([name, { metrics: own, ports }]): Broken[] => [
      ...Object.entries(own).flatMap(([metric, { kind, series, job = name }]) => {
        const path = `services.${name}.metrics.${metric}.series`
        return [
          // Models are measured in Triton's words too.
          ...unless(
            /^(nd|nv_inference)_[a-z0-9_]+$/.test(series),
            path,
            series,
            "must begin with 'nd_' and hold only lower case letters, digits and '_'.",
          ),
          ...unless(
            job === name || (services[job] !== undefined && scraped.has(job)),
            `services.${name}.metrics.${metric}.job`,
            job,
            'must be a service that Prometheus asks.',
          ),
          ...unless(
            (kind === 'rate') === series.endsWith('_total'),
            path,
            series,
            kind === 'rate'
              ? "must end with '_total': a rate is taken of a counter."
              : "must not end with '_total': that is a counter, and only a rate of it can be compared.",
          ),
        ]
      }),
      ...unless(
        ports.admin === undefined || Object.keys(own).length === 0 || scraped.has(name),
        `services.${name}.metrics`,
        Object.keys(own),
        "must be scraped: add { service, port: 'admin' } to services.prometheus.calls.",
      ),
    ])
  },
}
