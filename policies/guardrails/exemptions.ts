import type { Exemption } from './model/exemption.ts'

/** What may break a rule for a while. An entry past its end is itself a violation. */
export const exemptions: readonly Exemption[] = []
