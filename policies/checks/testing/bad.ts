import type { Changes } from './change.ts'

/** Policies that break one rule, and every sentence that it must say about them. */
export interface BadFixture {
  readonly rule: string
  readonly change: Changes
  readonly says: readonly string[]
}
