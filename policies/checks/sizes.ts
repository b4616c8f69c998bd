import { managedByCloud } from '../capacity.ts'
import type { ServicePolicy } from '../model/service.ts'
import { type Broken, type Check, unless } from './check.ts'

/** Services that keep data which nobody else has. */
const keepers = ['kafka', 'clickhouse', 'keeper', 'elasticsearch', 'prometheus', 'alertmanager']

/** Whether no pod of ours is this service here. */
const elsewhere = (service: string, only: ServicePolicy['only'], inCloud: boolean): boolean =>
  inCloud ? managedByCloud.includes(service) : only === 'cloud'

export const sizes: Check = {
  rule: 'sizes',
  purpose: 'a pod without a size is refused by the quota, and data without a volume dies with its pod',
  find: ({ cloud, environments, services }) =>
    Object.entries(environments).flatMap(([environment, { sizes: own }]): Broken[] => [
      ...Object.entries(services).flatMap(([service, { only }]) =>
        unless(
          own[service] !== undefined || elsewhere(service, only, cloud[environment] !== undefined),
          `environments.${environment}.sizes.${service}`,
          own[service],
          'must be given.',
        ),
      ),
      ...Object.keys(own).flatMap((service) => [
        ...unless(
          services[service] !== undefined,
          `environments.${environment}.sizes.${service}`,
          own[service],
          'must be left out: there is no such service.',
        ),
        ...unless(
          cloud[environment] === undefined || !managedByCloud.includes(service),
          `environments.${environment}.sizes.${service}`,
          own[service],
          `must be left out: AWS runs it, and cloud.${environment} says how large it is.`,
        ),
      ]),
      ...keepers.flatMap((service) =>
        unless(
          !own[service] || own[service].storage !== undefined,
          `environments.${environment}.sizes.${service}.storage`,
          own[service]?.storage,
          'must be given: the service keeps data.',
        ),
      ),
    ]),
}
