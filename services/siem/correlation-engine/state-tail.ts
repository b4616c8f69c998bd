import type { Reader } from '../../common/bus/bus.ts'
import { SnapshotFold } from './slot-snapshot.ts'

/** What `correlation.state` holds of some slots of a partition: read from its beginning, and on from there with each look. */
export class StateTail {
  readonly #reader: Pick<Reader, 'toEnd'>
  readonly #partition: number
  readonly #wanted: (slot: number) => boolean
  readonly #fold = new SnapshotFold()
  #end: bigint | undefined

  constructor(reader: Pick<Reader, 'toEnd'>, partition: number, wanted: (slot: number) => boolean) {
    this.#reader = reader
    this.#partition = partition
    this.#wanted = wanted
  }

  /** All that was written so far. */
  async read(signal: AbortSignal): Promise<SnapshotFold> {
    this.#end = await this.#reader.toEnd(
      this.#partition,
      this.#end,
      (records) => {
        for (const record of records) this.#fold.apply(record, this.#wanted)
      },
      { signal },
    )
    return this.#fold
  }
}
