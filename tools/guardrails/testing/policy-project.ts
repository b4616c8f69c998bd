import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hidden } from '../../../infra/graph/graph.ts'
import { Project } from '../../engine/pulumi/project.ts'

/** A secret as a state that is imported may hold it. */
const secret = {
  '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
  plaintext: JSON.stringify('a secret of another stack'),
}

const checkout = fileURLToPath(new URL('../../..', import.meta.url))

/** What plain pulumi said, and whether it was content. */
export interface Run {
  readonly ok: boolean
  readonly said: string
}

/** A project in a folder of its own that plain `pulumi` runs with the policy pack of the checkout and the stand-ins. */
export class PolicyProject {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nd-guardrails-'))
  readonly #work = join(this.#folder, 'work')
  readonly #name: string
  readonly #environment: Record<string, string>

  /** `main` is a file of the project that `write` makes, or `stacks/main.mjs`, the program of the checkout. */
  constructor(pulumi: string, name = 'trial', main = 'main.mjs') {
    for (const folder of ['work', 'state', 'home']) mkdirSync(join(this.#folder, folder))
    this.#name = name
    writeFileSync(
      join(this.#work, 'Pulumi.yaml'),
      `name: ${name}\nruntime: {name: nodejs, options: {typescript: false}}\nmain: ${main}\n`,
    )
    writeFileSync(join(this.#work, 'package.json'), `{"name":"${name}","type":"module"}\n`)
    for (const folder of ['node_modules', 'stacks']) symlinkSync(join(checkout, folder), join(this.#work, folder))
    const project = new Project({
      workDir: this.#work,
      name,
      pulumi,
      standIns: join(this.#folder, 'stand-ins'),
      backend: join(this.#folder, 'state'),
      home: join(this.#folder, 'home'),
    })
    this.#environment = project.environment(process.env.PATH ?? '')
  }

  /** The body of the program; `aws` is there. */
  write(program: string): void {
    writeFileSync(
      join(this.#work, 'main.mjs'),
      `import aws from '@pulumi/aws'\nexport default async () => {\n${program}\n}\n`,
    )
  }

  async run(...argv: readonly string[]): Promise<Run> {
    const child = spawn('pulumi', [...argv, '--color', 'never', '--non-interactive'], {
      cwd: this.#work,
      env: { HOME: this.#folder, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
    return { ok: code === 0, said }
  }

  /** Of the stack that was made last, or of the one that is named. */
  preview(stack?: string): Promise<Run> {
    const which = stack === undefined ? [] : ['--stack', stack]
    return this.run('preview', ...which, '--policy-pack', join(checkout, 'policies/guardrails'))
  }

  /** Makes a stack that has been brought up and declares these outputs, as a recorded graph has them. */
  async declare(stack: string, outputs: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.#folder, 'deployment.json')
    const urn = `urn:pulumi:${stack}::${this.#name}::pulumi:pulumi:Stack::${this.#name}-${stack}`
    const stateful = Object.entries(outputs).map(([name, value]) => [name, value === hidden ? secret : value])
    const resources = [{ urn, custom: false, type: 'pulumi:pulumi:Stack', outputs: Object.fromEntries(stateful) }]
    await this.#must('stack', 'init', stack)
    const [, salt] =
      /^encryptionsalt: (\S+)$/m.exec(readFileSync(join(this.#work, `Pulumi.${stack}.yaml`), 'utf8')) ?? []
    const deployment = {
      manifest: { time: new Date(0).toISOString(), magic: '', version: '' },
      secrets_providers: { type: 'passphrase', state: { salt } },
      resources,
    }
    writeFileSync(file, JSON.stringify({ version: 3, deployment }))
    await this.#must('stack', 'import', '--stack', stack, '--file', file)
  }

  async #must(...argv: readonly string[]): Promise<void> {
    const { ok, said } = await this.run(...argv)
    if (!ok) throw new Error(`pulumi ${argv.join(' ')}: ${said}`)
  }

  /** Lets the stand-in that only previews take the place of one more plugin, whose own stand-in would want a cluster. */
  previewOnly(name: string): void {
    const main = join(checkout, 'tools/engine/pulumi/preview-only/main.ts')
    writeFileSync(
      join(this.#folder, 'stand-ins/bin', `pulumi-resource-${name}`),
      `#!/bin/sh\nexec '${process.execPath}' '${main}' ${name} "$@"\n`,
      { mode: 0o755 },
    )
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
