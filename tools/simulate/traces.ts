import { fileURLToPath } from 'node:url'

const file = (name: string): string => fileURLToPath(new URL(`./traces/${name}`, import.meta.url))

/** The traces that the project carries: traces/README.md names source and licence. */
export const carried = {
  week: file('worldcup98-week.csv.gz'),
  'flash crowd': file('worldcup98-flash-crowd.csv.gz'),
} as const
