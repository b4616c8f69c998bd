import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as grpc from '@grpc/grpc-js'
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js'
import proto from '@pulumi/pulumi/proto/language_pb.js'
import plugin from '@pulumi/pulumi/proto/plugin_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { Engine, versionOf } from '../kubernetes/engine.ts'
import { type Handler, unary } from '../unary.ts'

const notice =
  "pulumi-language-nodejs is Neurodefender's stand-in, not the official plugin: it runs this checkout's program with its own Node (docs/pulumi.md)."

/** The exit code by which the SDK says that it has told the user already: nodeJSProcessExitedAfterLoggingUserActionableMessage. */
const told = 32

/** The engine's protocol for a language: runs a Node program against the engine's monitor. */
export function service(engineAddress: string): grpc.UntypedServiceImplementation {
  const engine = engineAddress ? new Engine(engineAddress) : undefined
  const children = new Set<ChildProcess>()
  const endAll = () => {
    for (const child of children) child.kill('SIGTERM')
  }
  // The engine kills its plugins; the program must not outlive them and change things alone.
  process.on('exit', endAll)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1))

  const handlers = {
    async getPluginInfo() {
      const info = new plugin.PluginInfo()
      info.setVersion(versionOf('@pulumi/pulumi'))
      return info
    },
    // Which plugins a program needs is known from its packages; the stand-ins are found on PATH without being asked for.
    async getRequiredPlugins() {
      return new proto.GetRequiredPluginsResponse()
    },
    async getRequiredPackages() {
      return new proto.GetRequiredPackagesResponse()
    },
    async runtimeOptionsPrompts() {
      return new proto.RuntimeOptionsResponse()
    },
    async about() {
      const response = new proto.AboutResponse()
      response.setExecutable(process.execPath)
      response.setVersion(process.version)
      return response
    },
    async getProgramDependencies(request: proto.GetProgramDependenciesRequest) {
      const folder = request.getInfo()?.getRootDirectory() || request.getPwd()
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>
      }
      const response = new proto.GetProgramDependenciesResponse()
      for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
        const dependency = new proto.DependencyInfo()
        dependency.setName(name)
        dependency.setVersion(version)
        response.addDependencies(dependency)
      }
      return response
    },
    async cancel() {
      endAll()
      return new empty.Empty()
    },
    async run(request: proto.RunRequest) {
      engine?.warn(notice)
      const { code, signal } = await runProgram(request, engineAddress, children)
      const response = new proto.RunResponse()
      if (code === told) {
        response.setBail(true)
        response.setError('the program failed')
      } else if (code !== 0)
        response.setError(signal ? `the program was ended by ${signal}` : `the program ended with exit code ${code}`)
      return response
    },
  } satisfies Record<string, Handler>

  return unary(languageGrpc.LanguageRuntimeService, handlers, 'language host')
}

function runProgram(
  request: proto.RunRequest,
  engineAddress: string,
  children: Set<ChildProcess>,
): Promise<{ code: number | null; signal: string | null }> {
  const info = request.getInfo()
  const folder = info?.getProgramDirectory() || request.getPwd()
  const runner = createRequire(join(folder, 'package.json')).resolve('@pulumi/pulumi/cmd/run')
  const config: Record<string, string> = Object.fromEntries(request.getConfigMap().getEntryList())
  const child = spawn(
    process.execPath,
    [
      runner,
      `--monitor=${request.getMonitorAddress()}`,
      `--engine=${engineAddress}`,
      `--organization=${request.getOrganization()}`,
      `--project=${request.getProject()}`,
      `--stack=${request.getStack()}`,
      `--pwd=${request.getPwd()}`,
      `--root-directory=${info?.getRootDirectory() || request.getPwd()}`,
      ...(request.getDryrun() ? ['--dry-run'] : []),
      `--parallel=${request.getParallel()}`,
      info?.getEntryPoint() || '.',
      ...request.getArgsList(),
    ],
    {
      cwd: request.getPwd(),
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        PULUMI_NODEJS_TYPESCRIPT: 'false',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  children.add(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      children.delete(child)
      resolve({ code, signal })
    })
  })
}
