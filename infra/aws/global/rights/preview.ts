import type { InputStatement } from '../../iam/document.ts'
import { noContent, noData } from './limits.ts'
import { type Facts, readState } from './state.ts'

/** A preview sees how everything is set up, by AWS' own ReadOnlyAccess, and nothing of what customers sent. */
export const previewRights = (facts: Facts): readonly InputStatement[] => [
  ...readState(facts),
  noData(facts),
  noContent,
  { sid: 'NoParameters', effect: 'Deny', actions: ['ssm:GetParameter*'], resources: ['*'] },
]
