import type { MonitoringPolicy, ReceiverPolicy, RoutePolicy } from '../../../policies/model/monitoring.ts'
import type { Urgency } from '../../../policies/model/objectives.ts'
import { mounted } from '../names.ts'

/** The folder of the keys, which whoever is on call fills: a Secret `alertmanager-receivers` with a file for each urgency. */
export const receiversFolder = 'receivers'

const nobody = 'nobody'

function receiver(urgency: string, policy: ReceiverPolicy): object {
  const secret = mounted(receiversFolder, urgency)
  switch (policy.kind) {
    case 'pagerduty':
      return { name: urgency, pagerduty_configs: [{ routing_key_file: secret, send_resolved: true }] }
    case 'slack':
      return { name: urgency, slack_configs: [{ api_url_file: secret, channel: policy.channel, send_resolved: true }] }
    default:
      return policy satisfies never
  }
}

/**
 * Who is told of what, as Alertmanager reads it. Alerts of one name and service are one message; a service that is down says so once, and
 * not also by its pods and levels; a page makes the ticket about the same level superfluous.
 */
export function alertmanagerConfiguration({ routes }: Pick<MonitoringPolicy, 'routes'>): string {
  const all = Object.entries(routes) as [Urgency, RoutePolicy][]
  const file = {
    route: {
      receiver: nobody,
      group_by: ['region', 'alertname', 'service'],
      routes: all.map(([urgency, { gather, repeat }]) => ({
        matchers: [`severity="${urgency}"`],
        receiver: urgency,
        group_wait: gather,
        repeat_interval: repeat,
      })),
    },
    inhibit_rules: [
      {
        source_matchers: ['alertname="ServiceDown"'],
        target_matchers: ['alertname!="ServiceDown"'],
        equal: ['region', 'service'],
      },
      {
        source_matchers: ['severity="page"'],
        target_matchers: ['severity="ticket"'],
        equal: ['region', 'alertname', 'service', 'level'],
      },
    ],
    receivers: [{ name: nobody }, ...all.map(([urgency, route]) => receiver(urgency, route.receiver))],
  }
  return `${JSON.stringify(file, null, 2)}\n`
}
