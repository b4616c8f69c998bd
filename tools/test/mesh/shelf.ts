import { namespace, service } from './objects.ts'
import { port, programPod } from './pod.ts'

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
    service(name),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            volumes: [{ name: 'shelf', configMap: { name } }],
            ...programPod({
              image,
              program,
              ready: '/',
              cpu: '5m',
              more: { volumeMounts: [{ name: 'shelf', mountPath: '/shelf', readOnly: true }] },
            }),
          },
        },
      },
    },
  ]
}
