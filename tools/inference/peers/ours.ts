import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { writeModelList } from '../../../services/common/inference/model-list.ts'
import { echoModel } from '../../../services/common/inference/testing/models.ts'
import { TestAuthority } from '../../../services/common/testing/certificates.ts'
import { freePorts } from '../../../services/common/testing/processes.ts'
import { datatypes } from '../conformance/tensors.ts'
import { type RunningServer, startServer } from './server.ts'

/** A version of a model and its ONNX file. */
export interface OursModel {
  readonly name: string
  readonly version: string
  readonly file: string
}

const program = fileURLToPath(new URL('../../../services/ngfw/ml-inference/main.ts', import.meta.url))

export interface OursOptions {
  /** With an echo of each datatype. */
  readonly echoes?: boolean
  /** `proxied`, the default: as behind a sidecar, both interfaces in the clear on the loopback alone. `tls`: as without one. */
  readonly entry?: 'proxied' | 'tls'
}

/** Starts our runtime on this machine. Ends and leaves nothing with `stop`. */
export async function startOurs(
  models: readonly OursModel[],
  { echoes = false, entry = 'proxied' }: OursOptions = {},
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ml-inference-'))
  const authority = await TestAuthority.create()
  const tls = await authority.issue('ml-inference')
  const all = [...models]
  if (echoes)
    for (const datatype of datatypes) {
      const file = join(folder, `${datatype}.onnx`)
      writeFileSync(file, echoModel(datatype))
      all.push({ name: `echo-${datatype.toLowerCase()}`, version: '1', file })
    }
  const list = join(folder, 'models.json')
  const entries = all.map(({ name, version, file }) => ({
    name,
    version,
    uri: pathToFileURL(file),
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    batching: {},
  }))
  writeFileSync(list, writeModelList(entries))
  const [http, grpc, admin] = await freePorts(3)
  return startServer({
    command: process.execPath,
    args: [program],
    cwd: folder,
    env: {
      ND_REGION: 'local',
      ND_ENVIRONMENT: 'local',
      ND_ENTRY: entry,
      ND_HTTPS_PORT: String(http),
      ND_GRPC_PORT: String(grpc),
      ND_ADMIN_PORT: String(admin),
      ND_TLS_DIR: tls,
      ND_MODELS_FILE: list,
      ND_MODEL_CACHE: join(folder, 'cache'),
      ND_MODEL_CONTROL: 'explicit',
    },
    url: `${entry === 'tls' ? 'https' : 'http'}://127.0.0.1:${http}`,
    grpc: `127.0.0.1:${grpc}`,
    ready: 'v2/health/ready',
    ...(entry === 'tls' ? { ca: authority.ca } : {}),
    cleanUp: () => {
      rmSync(folder, { recursive: true, force: true })
      rmSync(authority.root, { recursive: true, force: true })
    },
  })
}
