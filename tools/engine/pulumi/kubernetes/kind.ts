/** A Kubernetes type as a manifest names it. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

export class KindError extends Error {
  readonly code = 'NOT_AN_OBJECT_KIND'
}

/** The last type in a URN: `urn:pulumi:stack::project::parent$type::name`. */
export const typeOf = (urn: string): string => urn.split('::')[2]?.split('$').at(-1) ?? ''

/** The name that the program gave to the resource. */
export const nameOf = (urn: string): string => urn.split('::').slice(3).join('::')

/** The Kubernetes type behind `kubernetes:apps/v1:Deployment`. Throws KindError for what is not one object of the API. */
export function kindOf(token: string): Kind {
  const match = /^kubernetes:([^:/]+\/)?([^:/]+):([^:]+)$/.exec(token)
  const [, group = '', version, kind] = match ?? []
  if (
    version === undefined ||
    kind === undefined ||
    !/^v\d/.test(version) ||
    /^(helm\.sh|yaml|kustomize)\//.test(group)
  )
    throw new KindError(
      `The stand-in provider deploys single Kubernetes objects; '${token}' is not one. Render it to objects, or install the official plugin.`,
    )
  return { apiVersion: group === 'core/' ? version : `${group}${version}`, kind }
}
