import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** CHROMIUM, or the first one on PATH; undefined where there is none. */
function chromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM) return env.CHROMIUM
  return (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** The Chromium of this machine; where there is none and Debian's package can be had, that one. Throws with what to do. */
export function ensureChromium(): string {
  const found = chromium()
  if (found) return found
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update', '--quiet'], install]) spawnSync('apt-get', args, { env, stdio: 'ignore' })
  }
  const installed = chromium()
  if (installed) return installed
  throw new Error(`There is no Chromium here: name one by CHROMIUM, or run: apt-get ${install.join(' ')}`)
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** A headless Chromium, spoken to over a pipe: nothing listens. */
export class Browser {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, { resolve: (message: Message) => void; reject: (error: Error) => void }>()
  readonly #listeners = new Set<(message: Message) => void>()
  #last = 0
  #said = ''

  constructor(binary: string) {
    this.#profile = mkdtempSync(join(tmpdir(), 'neurodefender-browser-'))
    this.#process = spawn(
      binary,
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
        ...['--no-first-run', '--disable-background-networking', '--remote-debugging-pipe'],
        `--user-data-dir=${this.#profile}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
    )
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#said = `${this.#said}${text}`.slice(-2_000)
    })
    let rest = ''
    const out = this.#process.stdio[4] as Readable
    out.setEncoding('utf8').on('data', (text: string) => {
      const messages = `${rest}${text}`.split('\0')
      rest = messages.pop() ?? ''
      for (const message of messages) this.#hear(JSON.parse(message) as Message)
    })
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`Chromium ended with ${code}. It said: ${this.#said}`))
    })
  }

  #hear(message: Message): void {
    if (message.id === undefined) for (const listener of this.#listeners) listener(message)
    else this.#waiting.get(message.id)?.resolve(message)
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const answer = await new Promise<Message>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      const pipe = this.#process.stdio[3] as Writable
      pipe.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`)
    })
    this.#waiting.delete(id)
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result ?? {}
  }

  listen(listener: (message: Message) => void): void {
    this.#listeners.add(listener)
  }

  /** Opens a page of the given size and waits until it has loaded. */
  async page(url: string, size: { readonly width: number; readonly height: number; readonly dark?: boolean }) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const page = new Page(this, sessionId as string)
    await page.load(url, size)
    return page
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    await this.send('Browser.close').catch(() => this.#process.kill('SIGKILL'))
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** One page, and all that it complained of. */
export class Page {
  readonly #browser: Browser
  readonly #session: string
  readonly complaints: string[] = []
  readonly requests: string[] = []
  #loaded: () => void = () => {}

  constructor(browser: Browser, session: string) {
    this.#browser = browser
    this.#session = session
    browser.listen(({ method, params = {}, sessionId }) => {
      if (sessionId !== session) return
      if (method === 'Page.loadEventFired') this.#loaded()
      if (method === 'Network.requestWillBeSent') this.requests.push((params.request as { url: string }).url)
      if (method === 'Log.entryAdded') this.complaints.push((params.entry as { text: string }).text)
      if (method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled')
        this.complaints.push(JSON.stringify(params))
    })
  }

  async load(url: string, { width, height, dark }: { width: number; height: number; dark?: boolean }): Promise<void> {
    const send = (method: string, params: object = {}) => this.#browser.send(method, params, this.#session)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`)
    await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
    await send('Emulation.setEmulatedMedia', { features })
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve
    })
    await send('Page.navigate', { url })
    await loaded
  }

  /** The value of an expression in the page, as JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#browser.send(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
      this.#session,
    )
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }

  /** PNG of what is in view. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#browser.send('Page.captureScreenshot', { format: 'png' }, this.#session)
    return Buffer.from(data as string, 'base64')
  }
}
