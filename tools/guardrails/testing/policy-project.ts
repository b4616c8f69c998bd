import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Project } from '../../engine/pulumi/project.ts'

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

  preview(): Promise<Run> {
    return this.run('preview', '--policy-pack', join(checkout, 'policies/guardrails'))
  }

  /** Makes a stack that has been brought up and declares these outputs. */
  async declare(stack: string, outputs: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.#folder, 'deployment.json')
    const urn = `urn:pulumi:${stack}::${this.#name}::pulumi:pulumi:Stack::${this.#name}-${stack}`
    const resources = [{ urn, custom: false, type: 'pulumi:pulumi:Stack', outputs }]
    const manifest = { time: new Date(0).toISOString(), magic: '', version: '' }
    writeFileSync(file, JSON.stringify({ version: 3, deployment: { manifest, resources } }))
    for (const argv of [
      ['stack', 'init', stack],
      ['stack', 'import', '--stack', stack, '--file', file],
    ]) {
      const { ok, said } = await this.run(...argv)
      if (!ok) throw new Error(`pulumi ${argv.join(' ')}: ${said}`)
    }
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
