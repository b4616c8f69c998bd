import { Cluster } from './cluster.ts'
import { Connection } from './connection.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { isObject, type JsonObject, type Path, type Properties } from './wire.ts'

/** The provider's own inputs, as far as the stand-in follows them. */
export interface Settings {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly namespace?: string | undefined
  /** A cluster that does not answer counts as gone when its objects are read or deleted. */
  readonly deleteUnreachable: boolean
  /** An object that exists already and is not ours is taken over instead of refused. */
  readonly upsertExistingObjects: boolean
  /** Something about the cluster is known only after another resource exists: previews do without it. */
  readonly isUnknown: boolean
}

export class ConfigurationError extends Error {
  readonly code = 'BAD_PROVIDER_CONFIGURATION'
}

/** The provider inputs that hold credentials. */
export const secretSettings: readonly Path[] = [['kubeconfig']]

const refused = {
  renderYamlToDirectory: 'rendering to files',
  cluster: 'choosing a cluster apart from its context',
} as const

/** Findings about provider inputs: the property and what is wrong with it. */
export function checkSettings(value: JsonObject): { property: string; reason: string }[] {
  const findings: { property: string; reason: string }[] = Object.entries(refused)
    .filter(([property]) => value[property] !== undefined && value[property] !== null)
    .map(([property, what]) => ({
      property,
      reason: `The stand-in provider does not do ${what}. Leave '${property}' out, or install the official plugin.`,
    }))
  if (flag(value.enableServerSideApply) === false)
    findings.push({
      property: 'enableServerSideApply',
      reason: 'The stand-in provider only applies on the server side. Leave it out, or install the official plugin.',
    })
  return findings
}

// The SDK sends every setting that is not a text as JSON in a text.
const flag = (value: unknown): boolean | undefined =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined

export function settings({ value, unknowns }: Properties): Settings {
  const text = (key: string): string | undefined => {
    const found = value[key]
    if (isObject(found)) return JSON.stringify(found)
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  return {
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    namespace: text('namespace'),
    deleteUnreachable: flag(value.deleteUnreachable) ?? false,
    upsertExistingObjects: flag(value.upsertExistingObjects) ?? false,
    isUnknown: unknowns.length > 0,
  }
}

/** Opens the cluster that the settings name. Never a default one of the machine: that may be anybody's production. */
export function open({ kubeconfig, context, namespace }: Settings): Cluster {
  const source = kubeconfig ?? process.env.KUBECONFIG
  if (!source)
    throw new ConfigurationError(
      `The Kubernetes provider has no kubeconfig. Give it one ('kubeconfig': its text or its path), or set KUBECONFIG.`,
    )
  const access = readKubeconfig(source, context)
  return new Cluster(new Connection(access), namespace ?? access.namespace ?? 'default')
}
