import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DeployError } from './error.ts'
import { listed } from './text.ts'

/** What a machine has of what a deployment needs. A test hands in its own. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv
  /** A file's text; undefined where there is none. */
  readonly read: (path: string) => string | undefined
  readonly home: string
}

export const thisMachine = (): Machine => ({
  env: process.env,
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  home: homedir(),
})

/** Where the AWS provider and the state's bucket would take credentials from, as text; undefined: nowhere. */
export function awsCredentials({ env, read, home }: Machine): string | undefined {
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return 'AWS_ACCESS_KEY_ID'
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) return 'AWS_WEB_IDENTITY_TOKEN_FILE'
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return 'the container'
  const profile = env.AWS_PROFILE || 'default'
  const config = read(env.AWS_CONFIG_FILE || join(home, '.aws', 'config')) ?? ''
  const shared = read(env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials')) ?? ''
  const section = (text: string, ...names: string[]) =>
    names.some((name) => text.split('\n').some((line) => line.replaceAll(/\s+/g, ' ').trim() === `[${name}]`))
  return section(config, `profile ${profile}`, profile) || section(shared, profile)
    ? `the profile '${profile}'`
    : undefined
}

/** The backend that the engine would use; undefined: none. */
export function backendOf({ env, read, home }: Machine): string | undefined {
  if (env.PULUMI_BACKEND_URL) return env.PULUMI_BACKEND_URL
  try {
    const text = read(join(env.PULUMI_HOME || join(home, '.pulumi'), 'credentials.json')) ?? '{}'
    return (JSON.parse(text) as { current?: string }).current || undefined
  } catch {
    return undefined
  }
}

/** The secrets provider that a stack's file names, and whether the stack's own key stands beside it, encrypted by that provider. */
export function secretsOf({ read }: Machine, workDir: string, stack: string) {
  const text = read(join(workDir, `Pulumi.${stack}.yaml`)) ?? ''
  const provider = /^secretsprovider:\s*["']?([^\s"'#]+)/m.exec(text)?.[1]
  return { provider, complete: isKey(provider) && /^encryptedkey:\s*\S/m.test(text) }
}

/** A key of a cloud, not a passphrase. */
export const isKey = (provider: string | undefined): provider is string =>
  provider !== undefined && /^[a-z]+kms:\/\//.test(provider)

export interface Preflight {
  readonly environment: string
  readonly workDir: string
  /** Stacks that come up. */
  readonly stacks: readonly string[]
}

/** Everything that would stop a deployment halfway, each as a sentence that says what to do. Touches nothing. */
export function findings(machine: Machine, { environment, workDir, stacks }: Preflight): readonly string[] {
  const found: string[] = []
  if (!awsCredentials(machine))
    found.push(
      "There are no AWS credentials: run 'aws sso login --profile NAME' and export AWS_PROFILE=NAME (in CI: configure-aws-credentials).",
    )
  const backend = backendOf(machine)
  if (!backend)
    found.push(
      "Pulumi has no backend: pulumi login 's3://BUCKET?region=REGION', or export PULUMI_BACKEND_URL with the same.",
    )
  else if (backend.startsWith('file://'))
    found.push(
      `Pulumi's backend is ${backend}, the state of a local region. Use a fresh shell, and: pulumi login 's3://BUCKET?region=REGION'.`,
    )
  const open = stacks.filter((stack) => !secretsOf(machine, workDir, stack).complete)
  if (open.length > 0)
    found.push(
      `No key encrypts the secrets of ${listed(open)} ('secretsprovider: awskms://…' and 'encryptedkey: …' in Pulumi.STACK.yaml): ` +
        `node tools/deploy/main.ts --env ${environment} --init, and commit the files that it writes.`,
    )
  return found
}

/** Throws NOT_READY with every finding. */
export function preflight(machine: Machine, options: Preflight): void {
  const found = findings(machine, options)
  if (found.length === 0) return
  const list = found.map((one) => `\n  ${one}`).join('')
  throw new DeployError(
    'NOT_READY',
    `Nothing was touched. What is missing:${list}\ndocs/pulumi.md says how to set an environment up.`,
  )
}
