import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../../services/common/testing/processes.ts'
import { pythonWith, withoutTelemetry } from '../../../python/environment.ts'
import { type RunningServer, startServer } from '../server.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export interface PlainSetting {
  readonly name: string
  /** Processes of uvicorn. */
  readonly workers: number
  /** Threads of ONNX Runtime for one request. */
  readonly threads: number
  /** Whether requests run in a pool of threads beside the event loop. */
  readonly inThreads: boolean
}

/** Starts the plain ONNX Runtime server with one model. */
export async function startPlain(
  model: { readonly name: string; readonly file: string },
  setting: PlainSetting,
): Promise<RunningServer> {
  const python = await pythonWith('inference-plain', here('requirements.txt'))
  const [port] = await freePorts(1)
  return startServer({
    command: python,
    args: [
      '-m',
      'uvicorn',
      'server:app',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--workers',
      String(setting.workers),
      '--no-access-log',
      '--log-level',
      'warning',
      '--loop',
      'uvloop',
      '--http',
      'httptools',
    ],
    cwd: here('.'),
    env: {
      ...withoutTelemetry,
      MODEL: model.file,
      NAME: model.name,
      THREADS: String(setting.threads),
      IN_THREADS: setting.inThreads ? '1' : '0',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    url: `http://127.0.0.1:${port}`,
    ready: 'ready',
  })
}
