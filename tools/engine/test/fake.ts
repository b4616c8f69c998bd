import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtefactId } from '../../../infra/local/toolchain.ts'
import { Cache } from '../cache.ts'
import type { Making } from '../making.ts'
import type { Pin, PinsLock } from '../pins.ts'
import type { Item, Listener } from '../progress.ts'

export const emptyLock: PinsLock = { debian: {}, maven: {} }

/** A pin of one program, with a Debian source that asks for no package. */
export const fakePin = (program: string, more: Partial<Pin> = {}): Pin => ({
  version: '1.2.3',
  usual: '10s',
  size: '1Ki',
  revision: 1,
  programs: { [program]: program },
  sources: [{ kind: 'debian', packages: [] }],
  ...more,
})

export const writeProgram = (making: Making): void => {
  for (const path of Object.values(making.pin.programs))
    writeFileSync(join(making.folder, path), '#!/bin/sh\n', { mode: 0o755 })
}

/** Keeps what it hears. */
export class Ear implements Listener {
  readonly said: string[] = []
  readonly ended: Item[] = []
  begin(): void {}
  end(item: Item): void {
    this.ended.push({ ...item })
  }
  say(text: string): void {
    this.said.push(text)
  }
}

export interface FakeMaking extends Making {
  readonly notes: string[]
}

/** What a source gets, over a temporary folder. */
export function fakeMaking(root: string, pin: Pin, more: Partial<Making> = {}): FakeMaking {
  const cache = new Cache(root)
  const notes: string[] = []
  return {
    id: 'etcd' as ArtefactId,
    pin,
    lock: emptyLock,
    cache,
    environment: process.env,
    signal: undefined,
    folder: cache.scratch('made'),
    scratch: cache.scratch('scratch'),
    log: cache.path('log', 'log'),
    turn: (_slot, _for, body) => body(),
    note: (text) => void notes.push(text),
    say: (text) => void notes.push(text),
    remark: (text) => void notes.push(text),
    notes,
    ...more,
  }
}
