/** A condition, before the time is known. */
export interface Said {
  readonly status: 'True' | 'False' | 'Unknown'
  /** In one word. */
  readonly reason: string
  /** In a sentence. */
  readonly message: string
}
