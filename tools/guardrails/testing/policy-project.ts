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
  readonly folder = mkdtempSync(join(tmpdir(), 'nd-guardrails-'))
  readonly work = join(this.folder, 'work')
  readonly #environment: Record<string, string>

  constructor(pulumi: string) {
    for (const folder of ['work', 'state', 'home']) mkdirSync(join(this.folder, folder))
    writeFileSync(
      join(this.work, 'Pulumi.yaml'),
      'name: trial\nruntime: {name: nodejs, options: {typescript: false}}\nmain: main.mjs\n',
    )
    writeFileSync(join(this.work, 'package.json'), '{"name":"trial","type":"module"}\n')
    symlinkSync(join(checkout, 'node_modules'), join(this.work, 'node_modules'))
    const project = new Project({
      workDir: this.work,
      name: 'trial',
      pulumi,
      standIns: join(this.folder, 'stand-ins'),
      backend: join(this.folder, 'state'),
      home: join(this.folder, 'home'),
    })
    this.#environment = project.environment(process.env.PATH ?? '')
  }

  /** The body of the program; `aws` is there. */
  write(program: string): void {
    writeFileSync(
      join(this.work, 'main.mjs'),
      `import aws from '@pulumi/aws'\nexport default async () => {\n${program}\n}\n`,
    )
  }

  async run(...argv: readonly string[]): Promise<Run> {
    const child = spawn('pulumi', [...argv, '--color', 'never', '--non-interactive'], {
      cwd: this.work,
      env: { HOME: this.folder, ...this.#environment },
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

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
