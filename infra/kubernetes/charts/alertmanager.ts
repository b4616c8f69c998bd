import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { alertmanagerConfiguration, receiversFolder } from '../monitoring/routing.ts'
import { mounted, port } from '../names.ts'
import { Workload } from '../workload/workload.ts'
import { RegionChart } from './region-chart.ts'

/**
 * Who tells people of alerts. It answers callers with a certificate of the region's authority alone, and has one pod: silences and what was
 * told are on its disk, and Prometheus keeps alerts until it answers again.
 */
export class Alertmanager extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'alertmanager', scope)
    const question = { kind: 'tcp', port: port(scope, 'alertmanager', 'https') } as const
    const web = {
      tls_server_config: {
        cert_file: mounted('tls', 'tls.crt'),
        key_file: mounted('tls', 'tls.key'),
        client_auth_type: 'RequireAndVerifyClientCert',
        client_ca_file: mounted('tls', 'ca.crt'),
      },
    }
    new Workload(this, scope, {
      service: 'alertmanager',
      kind: 'stateful',
      config: {
        'alertmanager.yaml': alertmanagerConfiguration(scope.policies.monitoring),
        'web.yaml': `${JSON.stringify(web, null, 2)}\n`,
      },
      operators: { [receiversFolder]: 'secret' },
      args: [
        `--config.file=${mounted('config', 'alertmanager.yaml')}`,
        `--web.config.file=${mounted('config', 'web.yaml')}`,
        `--web.listen-address=:${question.port}`,
        '--storage.path=/data',
        // One pod: nobody to gossip with.
        '--cluster.listen-address=',
      ],
      probes: { alive: question, ready: question },
    })
  }
}
