/** What changes from one event of a template to the next. Each is as long as what it replaces, so that filling one is a copy and a few writes. */
export type Hole = 'time' | 'iso' | 'host' | 'process' | 'canary'

/** A real event as bytes, one line, with places to fill in. */
export interface Template {
  /** Channel and code of the event it was made of. */
  readonly kind: string
  readonly bytes: Buffer
  readonly holes: readonly { readonly hole: Hole; readonly at: number }[]
}

/**
 * What shippers leave out of an event in production: the text that Windows renders from the other fields, what the laboratory and its shipper added, and
 * what is the same for all events of a kind.
 */
const left = new Set(
  `Message _dataset @version tags host port type input_type SourceModuleName SourceModuleType EventReceivedTime ProviderGuid Keywords Opcode OpcodeValue
  Version Severity SeverityValue Level Task Category RecordNumber ThreadID ExecutionProcessID AccountType EventTypeOrignal RuleName UtcTime
  TargetProcessGUID SourceProcessGUID ProcessGuid SourceThreadId EventTime Payload ContextInfo`.split(/\s+/),
)
/** A longer text of an event is cut, as shippers do. Characters. */
const longest = 160

const placeholders: Readonly<Record<Hole, string>> = {
  time: '0000-00-00 00:00:00.000',
  iso: '0000-00-00T00:00:00.000Z',
  host: 'ws-00000',
  process: '00000',
  canary: '000000000000',
}

const holeOf: Readonly<Record<string, Hole>> = {
  TimeCreated: 'time',
  '@timestamp': 'iso',
  Hostname: 'host',
  ProcessId: 'process',
  ProcessID: 'process',
  SourceProcessId: 'process',
}

/** The placeholder as it stands in the bytes: nothing else in an event begins with it. */
const mark = (hole: Hole): string => `\u0001${hole}\u0001`

/** Makes a template of a real event. `lean`: without what shippers leave out. `canary`: with a field of that name, 12 digits. */
export function template(
  event: Readonly<Record<string, unknown>>,
  options: { lean: boolean; canary: boolean },
): Template {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(event)) {
    if (options.lean && left.has(name)) continue
    const hole = holeOf[name]
    const cut = options.lean && typeof value === 'string' && value.length > longest ? value.slice(0, longest) : value
    kept[name] = hole === undefined ? cut : mark(hole)
  }
  if (options.canary) kept.canary = mark('canary')
  let text = `${JSON.stringify(kept)}\n`
  const holes: { hole: Hole; at: number }[] = []
  for (;;) {
    const found = /\\u0001([a-z]+)\\u0001/.exec(text)
    if (found === null) break
    const hole = found[1] as Hole
    holes.push({ hole, at: Buffer.byteLength(text.slice(0, found.index)) })
    text = text.slice(0, found.index) + placeholders[hole] + text.slice(found.index + found[0].length)
  }
  return { kind: `${String(event.Channel)} ${String(event.EventID)}`, bytes: Buffer.from(text), holes }
}

/** What is filled in. `time` is cut to the millisecond, milliseconds since the epoch. */
export interface Filling {
  readonly time: number
  readonly host: number
  readonly process: number
  readonly canary: number
}

let lastTime = Number.NaN
const iso = Buffer.alloc(24)

function stamp(time: number): Buffer {
  const whole = Math.floor(time)
  if (whole !== lastTime) {
    iso.write(new Date(whole).toISOString(), 0, 'latin1')
    lastTime = whole
  }
  return iso
}

function digits(to: Buffer, from: number, count: number, value: number): void {
  let rest = value
  for (let i = from + count - 1; i >= from; i--) {
    to[i] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

/** Writes an event with its line end to `to` and answers the place behind it. The caller has left room for `template.bytes`. */
export function fill({ bytes, holes }: Template, to: Buffer, start: number, filling: Filling): number {
  bytes.copy(to, start)
  for (let i = 0; i < holes.length; i++) {
    const { hole, at } = holes[i]!
    const place = start + at
    switch (hole) {
      case 'iso':
        stamp(filling.time).copy(to, place)
        break
      case 'time':
        stamp(filling.time).copy(to, place, 0, 23)
        to[place + 10] = 0x20
        break
      case 'host':
        digits(to, place + 3, 5, filling.host)
        break
      case 'process':
        digits(to, place, 5, filling.process)
        break
      case 'canary':
        digits(to, place, 12, filling.canary)
    }
  }
  return start + bytes.length
}
