import { namespace } from './objects.ts'

const port = 8_080

/** Hands the file out whatever is asked for. */
const program = `
const bytes = require('node:fs').readFileSync('/shelf/model')
const server = require('node:http').createServer((_, answer) => answer.end(bytes)).listen(${port})
process.on('SIGTERM', () => server.close(() => process.exit(0)))`

/** A pod that hands a model out over HTTP inside of the region. `image`: any that has Node. `bytes`: less than a ConfigMap's MiB. */
export function modelShelf(name: string, bytes: Buffer, image: string): object[] {
  const labels = { app: name }
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      binaryData: { model: bytes.toString('base64') },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: labels, ports: [{ name: 'http', port, targetPort: port }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
            volumes: [{ name: 'shelf', configMap: { name } }],
            containers: [
              {
                name: 'shelf',
                image,
                imagePullPolicy: 'IfNotPresent',
                command: ['/usr/bin/node', '-e', program],
                volumeMounts: [{ name: 'shelf', mountPath: '/shelf', readOnly: true }],
                readinessProbe: { httpGet: { path: '/', port }, periodSeconds: 1 },
                resources: { requests: { cpu: '5m', memory: '64Mi' }, limits: { memory: '64Mi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
              },
            ],
          },
        },
      },
    },
  ]
}
