import type { AddonName } from '../model/cloud.ts'
import { instances } from '../model/instances.ts'
import { type Broken, type Check, unless } from './check.ts'

export const cluster: Check = {
  rule: 'cluster',
  purpose: 'a cluster of parts that do not fit each other does not come up, or only half',
  find: ({ cloud, environments, regions }) =>
    Object.entries(cloud).flatMap(([environment, { kubernetes }]): Broken[] => {
      const { version, addons, system } = kubernetes
      const path = `cloud.${environment}.kubernetes`
      const zones = Math.max(
        ...(environments[environment]?.regions ?? []).map((name) => regions[name]?.cloud?.zones.length ?? 0),
      )
      const names = Object.keys(addons) as AddonName[]
      return [
        ...unless(
          /^1\.\d+$/.test(version),
          `${path}.version`,
          version,
          "must be a minor version, such as '1.34'.",
          environment,
        ),
        ...names.flatMap((name) =>
          unless(
            /^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(addons[name]),
            `${path}.addons.${name}`,
            addons[name],
            "must be a whole version, such as 'v1.2.3-eksbuild.1'.",
            environment,
          ),
        ),
        ...unless(
          addons['kube-proxy'].startsWith(`v${version}.`),
          `${path}.addons.kube-proxy`,
          addons['kube-proxy'],
          `must be of ${path}.version (${version}).`,
          environment,
        ),
        ...unless(
          instances[system.instance] !== undefined,
          `${path}.system.instance`,
          system.instance,
          'must be a type that policies/model/instances.ts knows.',
          environment,
        ),
        ...unless(
          Number.isInteger(system.count) && system.count >= zones,
          `${path}.system.count`,
          system.count,
          `must be at least ${zones}: one machine in each zone.`,
          environment,
        ),
      ]
    }),
}
