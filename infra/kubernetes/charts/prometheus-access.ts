import type { ChartScope } from '../context.ts'
import { mounted } from '../names.ts'
import { prometheusUser } from './prometheus.ts'
import { prometheusAddress } from './scaled-object.ts'

/** What a workload needs to ask Prometheus: its address, the user and the password's file, and the secret that the file is of. */
export const prometheusAccess = {
  env: (scope: ChartScope) => ({
    ND_PROMETHEUS_URL: prometheusAddress(scope),
    ND_PROMETHEUS_USER: prometheusUser,
    ND_PROMETHEUS_PASSWORD_FILE: mounted('prometheus', 'password'),
  }),
  /** Throws RangeError where the context has no password; `service`: who would ask. */
  secrets({ context }: ChartScope, service: string) {
    const { prometheus: password } = context.secrets
    if (!password)
      throw new RangeError(`The context has no secrets.prometheus, with which the ${service} asks Prometheus.`)
    return { prometheus: { password } }
  },
} as const
