import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../../services/common/testing/processes.ts'
import { pythonWith, withoutTelemetry } from '../../../python/environment.ts'
import { datatypes } from '../../conformance/tensors.ts'
import { type RunningServer, startServer } from '../server.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What of mlserver's settings changes how fast it is. */
export interface MlserverSetting {
  readonly name: string
  /** Processes that infer; 0: in the process that answers. */
  readonly parallelWorkers: number
  /** Threads of ONNX Runtime for one request. */
  readonly threads: number
  /** Adaptive batching: at most so many rows together, and how long the first waits, seconds. */
  readonly batching?: { readonly rows: number; readonly seconds: number }
}

export interface MlserverModel {
  readonly name: string
  readonly version: string
  /** An ONNX file. */
  readonly file: string
  readonly inputs: readonly object[]
  readonly outputs: readonly object[]
}

/** Starts mlserver on this machine with one ONNX model, and an echo of each datatype where asked for. Ends and leaves nothing with `stop`. */
export async function startMlserver(
  model: MlserverModel,
  setting: MlserverSetting,
  echoes = false,
): Promise<RunningServer> {
  const python = await pythonWith('inference-mlserver', here('requirements.txt'))
  const folder = mkdtempSync(join(tmpdir(), 'mlserver-'))
  const [http, grpc, metrics] = await freePorts(3)
  const write = (path: string, document: object): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), JSON.stringify(document))
  }
  write('settings.json', {
    debug: false,
    host: '127.0.0.1',
    http_port: http,
    grpc_port: grpc,
    metrics_port: metrics,
    parallel_workers: setting.parallelWorkers,
    gzip_enabled: false,
  })
  copyFileSync(here('runtime.py'), join(folder, 'runtime.py'))
  write(`${model.name}/model-settings.json`, {
    name: model.name,
    implementation: 'runtime.OnnxModel',
    platform: 'onnx_onnxv1',
    versions: [model.version],
    inputs: model.inputs,
    outputs: model.outputs,
    ...(setting.batching ? { max_batch_size: setting.batching.rows, max_batch_time: setting.batching.seconds } : {}),
    parameters: { uri: model.file, version: model.version, extra: { threads: setting.threads } },
  })
  if (echoes)
    for (const datatype of datatypes) {
      const name = `echo-${datatype.toLowerCase()}`
      write(`${name}/model-settings.json`, {
        name,
        implementation: 'runtime.EchoModel',
        platform: 'python_echo',
        inputs: [{ name: 'input', datatype, shape: [-1, 4] }],
        outputs: [{ name: 'output', datatype, shape: [-1, 4] }],
        parameters: { version: '1' },
      })
    }
  return startServer({
    // Not its script: that names the Python of the folder in which the environment was made.
    command: python,
    args: ['-c', 'from mlserver.cli import main; main()', 'start', folder],
    cwd: folder,
    env: { PYTHONPATH: folder, ...withoutTelemetry },
    url: `http://127.0.0.1:${http}`,
    grpc: `127.0.0.1:${grpc}`,
    ready: `v2/models/${model.name}/ready`,
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  })
}
