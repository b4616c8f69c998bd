import { HttpError } from '../http/errors.ts'
import type { Tenant } from './parse.ts'

/** A tenant's events live in its home region alone: throws HttpError 403 in any other, ending with what to do there ("Send them there."). */
export function requireHome({ name, homeRegion }: Tenant, region: string, advice: string): void {
  if (homeRegion !== region)
    throw new HttpError(
      403,
      'OTHER_HOME_REGION',
      `The events of tenant '${name}' belong to region '${homeRegion}'; this is '${region}'. ${advice}`,
      { details: { homeRegion } },
    )
}
