/** What can go wrong with a local region. `retryable` says whether the same call can succeed later by itself. */
const codes = {
  BAD_NAME: false,
  OTHER_PROFILE: false,
  UNSUITABLE_MACHINE: false,
  NO_FREE_ADDRESSES: false,
  ADDRESS_TAKEN: false,
  NAME_TAKEN: false,
  DISK_FULL: false,
  COMMAND_FAILED: false,
  COMPONENT_FAILED: false,
  START_TIMEOUT: true,
  BUSY: true,
  NO_REGION: false,
  LEFTOVER: true,
  IMAGE_FAILED: false,
} as const

export type LocalRegionErrorCode = keyof typeof codes

/** An error of the embedded region: a sentence that says what is wrong and what to do. */
export class LocalRegionError extends Error {
  override readonly name = 'LocalRegionError'
  readonly code: LocalRegionErrorCode
  readonly retryable: boolean

  constructor(code: LocalRegionErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryable = codes[code]
  }
}

/** The same error, or what to do about it when it says that a disk is full. */
export function explainFullDisk(error: unknown, folder: string): unknown {
  const full = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC'
  return full
    ? new LocalRegionError(
        'DISK_FULL',
        `The disk of ${folder} is full. Make room and run it again, or set NEURODEFENDER_STATE to a folder on another disk.`,
        error,
      )
    : error
}
