import { createHash } from 'node:crypto'
import type { Log } from '../../../common/log/log.ts'
import type { Api } from './client.ts'
import type { Clock } from './clock.ts'
import { isConflict } from './errors.ts'
import type { KubeObject } from './object.ts'

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** In one word: 'Promoted'. */
  readonly reason: string
  /** What was done, in one word: 'Reconcile'. */
  readonly action: string
  /** In a sentence. */
  readonly note: string
}

export interface EventsOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly controller: string
  readonly instance: string
}

/** The same event within this time is counted, and told once it has passed. */
const quietMs = 60_000
/** Events that are remembered; the one longest unheard is forgotten first. */
const remembered = 1_024
const longestNote = 1_000

interface Known {
  at: number
  count: number
}

/**
 * Events about an object, each once: the same text about the same object is one Event, with a series that counts. Its name follows from
 * both, so that another process, or this one after a restart, goes on counting. Never throws: an event is news, not state.
 */
export class Events {
  readonly #options: EventsOptions
  readonly #known = new Map<string, Known>()

  constructor(options: EventsOptions) {
    this.#options = options
  }

  async tell(about: KubeObject, text: EventText): Promise<void> {
    const { clock, log } = this.#options
    const name = nameOf(about, text)
    const known = this.#known.get(name)
    if (known && clock.now() - known.at < quietMs) {
      known.count++
      return
    }
    const count = (known?.count ?? 0) + 1
    this.#known.delete(name)
    this.#known.set(name, { at: clock.now(), count: 0 })
    if (this.#known.size > remembered) for (const oldest of this.#known.keys()) if (this.#known.delete(oldest)) break
    try {
      await this.#write(name, about, text, count)
    } catch (error) {
      log.warn('An event could not be written.', { error, reason: text.reason })
    }
  }

  async #write(
    name: string,
    about: KubeObject,
    { type, reason, action, note }: EventText,
    count: number,
  ): Promise<void> {
    const { api, clock, controller, instance } = this.#options
    const { namespace = '', uid } = about.metadata
    const now = clock.date().toISOString().replace('Z', '000Z')
    const ref = { kind: 'Event', namespace, name } as const
    try {
      await api.create({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name, namespace },
        eventTime: now,
        type,
        reason,
        action,
        note: note.slice(0, longestNote),
        regarding: {
          apiVersion: about.apiVersion,
          kind: about.kind,
          namespace,
          name: about.metadata.name,
          ...(uid ? { uid } : {}),
        },
        reportingController: controller,
        reportingInstance: instance.slice(0, 128),
      })
    } catch (error) {
      if (!isConflict(error)) throw error
      const there = await api.get(ref)
      const series = there?.series as { readonly count?: number } | undefined
      // A series begins with the second one.
      const value = { count: (series?.count ?? 1) + count, lastObservedTime: now }
      await api.patch(ref, [{ op: 'add', path: '/series', value }], { manager: controller })
    }
  }
}

function nameOf({ metadata }: KubeObject, { type, reason, action, note }: EventText): string {
  const text = JSON.stringify([metadata.uid, type, reason, action, note])
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `${metadata.name.slice(0, 63)}.${hash}`
}
