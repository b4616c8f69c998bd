import type { Admin } from 'kafkajs'

/** A kafkajs admin that connects when it is first asked, and again after a failure. */
export class AdminConnection {
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(admin: Admin) {
    this.#admin = admin
  }

  async ready(): Promise<Admin> {
    this.#connected ??= this.#admin.connect()
    try {
      await this.#connected
    } catch (error) {
      this.#connected = undefined
      throw error
    }
    return this.#admin
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }
}
