import { countedOver, levelsOf, spent, threshold } from '../levels.ts'
import { promised } from '../model/objectives.ts'
import { seconds } from '../model/units.ts'
import { type Broken, type Check, isCount, unless } from './check.ts'

const path = 'objectives.levels'

export const levels: Check = {
  rule: 'levels',
  purpose: 'an alert that cannot fire, or fires when the budget is gone, is taken for quiet',
  find: (policies) => {
    const { objectives, services } = policies
    const { window, least, burns, of } = objectives.levels
    const { scrapeInterval } = objectives.monitoring
    const scraped = new Set(services.prometheus?.calls.map(({ service }) => service))
    const judged = levelsOf(policies)
    const steepest = Math.max(...burns.map(({ rate }) => rate))
    return [
      ...unless(isCount(least), `${path}.least`, least, 'must be a whole number from 1.'),
      ...unless(burns.length > 0, `${path}.burns`, burns, 'must list at least one alert.'),
      ...burns.flatMap((burn, i): Broken[] => [
        ...unless(
          seconds(burn.short) < seconds(burn.long),
          `${path}.burns.${i}.short`,
          burn.short,
          `must be shorter than the long window (${burn.long}).`,
        ),
        ...unless(
          spent(burn, window) < 1,
          `${path}.burns.${i}.rate`,
          burn.rate,
          `must be below ${seconds(window) / seconds(burn.long)}: over ${burn.long} it spends the budget of ${window} before anybody is told.`,
        ),
      ]),
      ...unless(
        countedOver(objectives.levels) >= 2 * seconds(scrapeInterval),
        `${path}.burns`,
        burns.map(({ short }) => short),
        `must have no short window below ${10 * seconds(scrapeInterval)}s: a fifth of it must hold two scrapes.`,
      ),
      ...Object.entries(of).flatMap(([service, level]): Broken[] => {
        const sources = services[service]?.levels ?? {}
        return (['availability', 'latency'] as const).flatMap((kind): Broken[] =>
          level[kind] === undefined
            ? []
            : unless(
                sources[kind] !== undefined,
                `${path}.of.${service}.${kind}`,
                level[kind],
                `must be measured: say how in services.${service}.levels.${kind}.`,
              ),
        )
      }),
      ...Object.entries(of).flatMap(([service, { latency }]): Broken[] =>
        latency === undefined
          ? []
          : unless(
              promised.includes(latency),
              `${path}.of.${service}.latency`,
              latency,
              `must name a part of the objectives that promises a latencyP99: ${promised.join(', ')}.`,
            ),
      ),
      ...Object.entries(of).flatMap(([service, { availability }]): Broken[] =>
        availability === undefined
          ? []
          : unless(
              availability < 1,
              `${path}.of.${service}.availability`,
              availability,
              'must be below 1: nothing fails never, and there would be no budget.',
            ),
      ),
      ...judged.flatMap(({ service, kind, target }): Broken[] =>
        unless(
          threshold({ rate: steepest }, target) < 1,
          `${path}.of.${service}.${kind}`,
          target,
          `must be above ${Number((1 - 1 / steepest).toFixed(4))}, or errors can never burn its budget ${steepest} times as fast.`,
        ),
      ),
      ...Object.entries(services).flatMap(([service, { levels: sources = {} }]): Broken[] => [
        ...Object.keys(sources).flatMap((kind): Broken[] =>
          unless(
            of[service]?.[kind as keyof typeof sources] !== undefined,
            `services.${service}.levels.${kind}`,
            kind,
            `must be promised in ${path}.of.${service}, or not be measured.`,
          ),
        ),
        ...unless(
          Object.keys(sources).length === 0 || scraped.has(service),
          `services.${service}.levels`,
          Object.keys(sources),
          "must be scraped: add { service, port: 'admin' } to services.prometheus.calls.",
        ),
      ]),
    ]
  },
}
