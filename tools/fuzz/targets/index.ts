import { framing } from './framing.ts'
import { json } from './json.ts'
import { otlp } from './otlp.ts'
import type { Target } from './target.ts'
import { texts } from './texts.ts'

export const targets = { ...texts, framing, otlp, json } as const satisfies Record<string, Target>

export type TargetName = keyof typeof targets
