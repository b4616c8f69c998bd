import type { ChartScope } from '../context.ts'

/** How Prometheus finds the pods of a headless Service by its full name, looking as often as it asks them. */
export const podsBehind = (scope: ChartScope, host: string, port: number) => ({
  dns_sd_configs: [
    {
      names: [`${host}.`],
      type: 'A',
      port,
      refresh_interval: scope.policies.objectives.monitoring.scrapeInterval,
    },
  ],
})
