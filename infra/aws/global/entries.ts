import type { Policies } from '../../../policies/bundle.ts'

/** Services that answer callers from the internet: an entry of the graph whose requests the mesh handles. */
export const publicEntries = ({ services, traffic }: Policies): readonly string[] =>
  Object.entries(services).flatMap(([name, { entry }]) =>
    entry && traffic.calls[name]?.protocol === 'http' ? [name] : [],
  )

/** 'event-collector.neurodefender.example', or 'event-collector.us-east-1.neurodefender.example' for one region. */
export const entryHost = (domain: string, service: string, region?: string): string =>
  [service, ...(region ? [region] : []), domain].join('.')
