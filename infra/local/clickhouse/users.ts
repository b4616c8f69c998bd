import { createHash, timingSafeEqual } from 'node:crypto'

/** `read`: SELECT from user tables. `write`: also INSERT, CREATE, ALTER, OPTIMIZE. Neither reaches files or other hosts. */
export type Access = 'read' | 'write'

export interface User {
  readonly name: string
  readonly access: Access
}

class UsersError extends Error {
  readonly code = 'BAD_USERS_FILE'
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const nobody = digest('')

/** The users of the server, from a mounted file: `{"sink": {"password": "…", "access": "write"}}`. */
export class Users {
  readonly #byName = new Map<string, { readonly user: User; readonly hash: Buffer }>()

  /** Throws UsersError with everything that is wrong. */
  constructor(text: string) {
    const problems: string[] = []
    let entries: [string, unknown][] = []
    try {
      entries = Object.entries(JSON.parse(text) as object)
    } catch {
      problems.push('The users file is not JSON.')
    }
    for (const [name, entry] of entries) {
      const { password, access } = (entry ?? {}) as { password?: unknown; access?: unknown }
      if (typeof password !== 'string' || password.length < 8)
        problems.push(`User '${name}' needs a password of at least 8 characters.`)
      else if (access !== 'read' && access !== 'write')
        problems.push(`User '${name}' needs "access": "read" or "write".`)
      else this.#byName.set(name, { user: { name, access }, hash: digest(password) })
    }
    if (problems.length === 0 && this.#byName.size === 0) problems.push('The users file names no user.')
    if (problems.length > 0) throw new UsersError(problems.join('\n'))
  }

  /** The user of a name and password; takes as long for a wrong name as for a wrong password. */
  find(name: string, password: string): User | undefined {
    const entry = this.#byName.get(name)
    const equal = timingSafeEqual(entry?.hash ?? nobody, digest(password))
    return equal && entry ? entry.user : undefined
  }
}
