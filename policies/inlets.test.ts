import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningPorts, openInlets } from './inlets.ts'
import type { ServicePolicy } from './model/service.ts'

const service = {
  ports: { https: 8443, 'syslog-tls': 6514, 'syslog-udp': 5514 },
  inlets: {
    'syslog-tls': { protocol: 'TCP', nodePort: 30_000, clear: false },
    'syslog-udp': { protocol: 'UDP', nodePort: 30_001, clear: true },
  },
} as const satisfies Partial<ServicePolicy>

test('inlets in the clear are open only where the environment takes them', () => {
  const names = (clearInlets: boolean) =>
    openInlets(service, { clearInlets }).map(({ name, port }) => `${name}:${port}`)
  assert.deepEqual(names(true), ['syslog-tls:6514', 'syslog-udp:5514'])
  assert.deepEqual(names(false), ['syslog-tls:6514'])
})

test('a pod listens on all its ports but the closed inlets', () => {
  const ports = (clearInlets: boolean) =>
    listeningPorts(service, { clearInlets }).map(({ name, port, protocol }) => `${name}:${port}/${protocol}`)
  assert.deepEqual(ports(true), ['https:8443/TCP', 'syslog-tls:6514/TCP', 'syslog-udp:5514/UDP'])
  assert.deepEqual(ports(false), ['https:8443/TCP', 'syslog-tls:6514/TCP'])
  assert.deepEqual(listeningPorts({ ports: { https: 1 } }, { clearInlets: true }).length, 1)
})
