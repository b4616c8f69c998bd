import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Project, type ProjectOptions } from '../project.ts'

/** One resource of a test's program, as data. */
export interface TestResource {
  readonly name: string
  /** Without the package: `apps/v1:Deployment`. */
  readonly type: string
  readonly args: object
  readonly options?: {
    readonly protect?: boolean
    readonly ignoreChanges?: string[]
    readonly customTimeouts?: object
    readonly import?: string
  }
  /** Names of resources that come first. */
  readonly after?: string[]
  /** Properties that the program calls secret, as top-level keys. */
  readonly secret?: string[]
}

export interface TestProgram {
  readonly provider?: object
  readonly resources: readonly TestResource[]
  /** By stack, instead of `resources`. */
  readonly stacks?: Readonly<Record<string, readonly TestResource[]>>
}

const program = `
import { readFileSync } from 'node:fs'
import * as pulumi from '@pulumi/pulumi'
import * as k8s from '@pulumi/kubernetes'
export default async () => {
  const { provider: args, resources: all, stacks } = JSON.parse(readFileSync(process.env.TEST_PROGRAM, 'utf8'))
  const resources = stacks ? (stacks[pulumi.getStack()] ?? []) : all
  const provider = new k8s.Provider('cluster', { kubeconfig: process.env.TEST_KUBECONFIG, ...args })
  const made = {}
  class Any extends pulumi.CustomResource {}
  for (const { name, type, args, options, after = [], secret = [] } of resources) {
    const inputs = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, secret.includes(key) ? pulumi.secret(value) : value]))
    made[name] = new Any('kubernetes:' + type, name, { ...inputs, metadata: inputs.metadata ?? {} , status: undefined }, { provider, dependsOn: after.map((one) => made[one]), ...options })
  }
  return { ids: Object.fromEntries(Object.entries(made).map(([name, one]) => [name, one.id])) }
}
`

/** A Pulumi project in a folder of its own whose resources are data, run by the engine with the stand-ins. */
export class TestProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'nd-pulumi-'))
  readonly options: ProjectOptions
  readonly project: Project
  readonly #program = join(this.folder, 'program.json')

  constructor(pulumi: string, kubeconfig: string) {
    const work = join(this.folder, 'work')
    mkdirSync(work)
    writeFileSync(
      join(work, 'Pulumi.yaml'),
      'name: trial\nruntime: {name: nodejs, options: {typescript: false}}\nmain: main.mjs\n',
    )
    writeFileSync(join(work, 'package.json'), '{"name":"trial","type":"module"}\n')
    writeFileSync(join(work, 'main.mjs'), program)
    symlinkSync(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), join(work, 'node_modules'))
    this.options = {
      workDir: work,
      name: 'trial',
      pulumi,
      standIns: join(this.folder, 'stand-ins'),
      backend: join(this.folder, 'state'),
      home: join(this.folder, 'home'),
      env: { TEST_PROGRAM: this.#program, TEST_KUBECONFIG: kubeconfig },
    }
    this.project = new Project(this.options)
  }

  write(program: TestProgram): void {
    writeFileSync(this.#program, JSON.stringify(program))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
