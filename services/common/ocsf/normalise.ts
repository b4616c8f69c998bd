import type { Ocsf, Source } from './event.ts'
import { normaliseGeneric } from './generic.ts'
import { normaliseCef, normaliseLeef, normaliseOtlp, normaliseSyslog } from './messages.ts'
import { normaliseWindows, type WindowsEvent, windowsEvent } from './windows.ts'

/** An event in OCSF's terms, and as one of Windows where it is one. */
export interface Normalised {
  readonly ocsf: Ocsf
  readonly windows: WindowsEvent | undefined
}

/** By the format that the collector read a message as. */
const byFormat: Readonly<Record<string, (event: Source) => Ocsf>> = {
  rfc5424: normaliseSyslog,
  rfc3164: normaliseSyslog,
  unknown: normaliseSyslog,
  cef: normaliseCef,
  leef: normaliseLeef,
  otlp: normaliseOtlp,
}

/**
 * What an event says in OCSF's terms. Pure, and never throws, whatever the event: what is not known is 0 or ''. The tables beside this
 * file say what becomes of which source; docs/ocsf.md lists them.
 */
export function normalise(event: Source): Normalised {
  // What the collector made has both; an event of a sender's own may have either.
  const made =
    typeof event.format === 'string' && typeof event.transport === 'object' ? byFormat[event.format] : undefined
  if (made) return { ocsf: made(event), windows: undefined }
  const windows = windowsEvent(event)
  return { ocsf: windows ? normaliseWindows(windows) : normaliseGeneric(event), windows }
}
