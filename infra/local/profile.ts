/**
 * How much of the platform a region runs. `core`: what takes events in and answers for them. `full`: also the mesh and what is reached
 * through it.
 */
const profiles = ['core', 'full'] as const

export type Profile = (typeof profiles)[number]

export const isProfile = (text: string): text is Profile => (profiles as readonly string[]).includes(text)

/** For a caller whose user asked for another. */
export const noProfile = (text: string): string =>
  `'${text}' is no profile of a region; there are: ${profiles.join(', ')}.`
