import type { Policies } from '../bundle.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { type Broken, type Check, unless } from './check.ts'

/** What a pod holds at once, and how many times over: as it came, as it is read, and as it goes out. */
const held = ({ objectives, storage }: Policies) =>
  [
    {
      service: 'event-collector',
      path: 'objectives.ingest.maxInFlight',
      amount: objectives.ingest.maxInFlight,
      times: 4,
    },
    { service: 'hot-sink', path: 'storage.block.maxBytes', amount: storage.block.maxBytes, times: 12 },
  ] as const satisfies readonly { service: string; path: string; amount: Bytes; times: number }[]

export const memory: Check = {
  rule: 'memory',
  purpose: 'a pod that holds more than its memory is killed by the kernel, and again after each restart',
  find: (policies) =>
    Object.entries(policies.environments).flatMap(([environment, { sizes }]): Broken[] =>
      held(policies).flatMap(({ service, path, amount, times }) => {
        const size = sizes[service]
        return unless(
          !size || times * bytes(amount) <= bytes(size.memory),
          path,
          amount,
          `must fit ${times} times into the memory of ${service} in ${environment} (${size?.memory}).`,
        )
      }),
    ),
}
