import { QueryError } from './errors.ts'
import type { Access } from './users.ts'

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** Lower case for words; without quotes for quoted identifiers. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Splits SQL into tokens; comments and white space are left out. Throws QueryError for what never ends. */
function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  const pattern =
    /\s+|--[^\n]*|#[!\s][^\n]*|\/\*|(?<number>\d[\w.]*)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<quote>['"`])|(?<symbol>.)/gsuy
  let at = 0
  while (at < sql.length) {
    pattern.lastIndex = at
    const match = pattern.exec(sql)
    if (!match) throw new QueryError('SYNTAX_ERROR', `The query cannot be read at position ${at}.`)
    let end = pattern.lastIndex
    const { number, word, quote, symbol } = match.groups ?? {}
    if (match[0] === '/*') end = endOf(sql, '*/', end, 'comment')
    else if (quote) {
      end = endOfQuoted(sql, quote, end)
      const text = sql.slice(at + 1, end - 1)
      // The engine reads escapes in names, and what is forbidden would be spelled another way.
      if (quote !== "'" && text.includes('\\'))
        throw new QueryError('SYNTAX_ERROR', 'A quoted name with a backslash is not taken here.')
      tokens.push({ kind: quote === "'" ? 'string' : 'quoted', text, start: at, end })
    } else if (word?.includes('$')) throw new QueryError('SYNTAX_ERROR', 'Heredoc strings ($$) are not taken here.')
    else if (word) tokens.push({ kind: 'word', text: word.toLowerCase(), start: at, end })
    else if (number) tokens.push({ kind: 'number', text: number, start: at, end })
    else if (symbol) tokens.push({ kind: 'symbol', text: symbol, start: at, end })
    at = end
  }
  return tokens
}

function endOf(sql: string, mark: string, from: number, what: string): number {
  const found = sql.indexOf(mark, from)
  if (found < 0) throw new QueryError('SYNTAX_ERROR', `A ${what} is not closed.`)
  return found + mark.length
}

function endOfQuoted(sql: string, quote: string, from: number): number {
  for (let i = from; i < sql.length; i++) {
    if (sql[i] === '\\') i++
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1
      i++
    }
  }
  throw new QueryError('SYNTAX_ERROR', `A text that begins with ${quote} is not closed.`)
}

const verbs: Readonly<Record<Access, readonly string[]>> = {
  read: ['select', 'with'],
  write: ['select', 'with', 'insert', 'create', 'alter', 'optimize', 'show', 'exists', 'describe'],
}
const readable = new Set(['numbers', 'zeros', 'values', 'generateseries', 'generate_series', 'null', 'view'])

/** Table functions and functions that reach beyond the tables: files, hosts, processes. `offered` is system.table_functions. */
export const forbidden = (offered: readonly string[]): ReadonlySet<string> =>
  new Set([
    ...offered.map((name) => name.toLowerCase()).filter((name) => !readable.has(name)),
    'file',
    'catboostevaluate',
  ])

export interface Statement {
  readonly sql: string
  readonly verb: string
  /** For `INSERT … FORMAT X` whose rows come with the request: the text before and after the place for a source. */
  readonly insert?: { readonly head: string; readonly tail: string }
}

/**
 * One statement that the user may run. The embedded engine knows one all-powerful user, so what a user may not do is decided
 * here. Throws QueryError ACCESS_DENIED, READONLY or SYNTAX_ERROR.
 */
export function admit(text: string, access: Access, denied: ReadonlySet<string>): Statement {
  const all = tokenize(text)
  while (all.at(-1)?.text === ';') all.pop()
  const first = all[0]
  if (!first) throw new QueryError('SYNTAX_ERROR', 'The query is empty.')
  if (all.some(({ kind, text: t }) => kind === 'symbol' && t === ';'))
    throw new QueryError('SYNTAX_ERROR', 'Multi-statements are not allowed: send one statement a request.')
  if (!verbs[access].includes(first.text) && first.text !== '(')
    throw new QueryError(
      verbs.write.includes(first.text) ? 'READONLY' : 'ACCESS_DENIED',
      `This user may run ${verbs[access].map((v) => v.toUpperCase()).join(', ')}, not ${first.text.slice(0, 20).toUpperCase()}.`,
    )
  for (const [i, token] of all.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue
    const name = token.text.toLowerCase()
    const next = all[i + 1]?.text
    if (next === '(' && denied.has(name) && !columnList(all, i))
      throw new QueryError('ACCESS_DENIED', `The function ${name}() reaches beyond the tables and is not allowed here.`)
    if ((name === 'outfile' || name === 'infile') && next !== ',')
      throw new QueryError('ACCESS_DENIED', `Files of the server are not reachable (${name.toUpperCase()}).`)
    if (access === 'read' && next === '.' && /^(system|information_schema)$/.test(name))
      throw new QueryError('ACCESS_DENIED', `This user may not read the database '${name}'.`)
  }
  const sql = text.slice(0, all.at(-1)!.end)
  return { sql, verb: first.text, ...insertSource(sql, all) }
}

/** `INSERT INTO file (a, b)`: a table of that name, not a function. `INSERT INTO FUNCTION file(…)` is one. */
const columnList = (all: readonly Token[], i: number): boolean =>
  (all[i - 1]?.text === 'into' || (all[i - 1]?.text === '.' && all[i - 3]?.text === 'into')) &&
  all[0]?.text === 'insert'

function insertSource(sql: string, all: readonly Token[]): Pick<Statement, 'insert'> {
  const format = all.at(-2)
  if (all[0]?.text !== 'insert' || format?.kind !== 'word' || format.text !== 'format') return {}
  const settings = all.find(({ kind, text }) => kind === 'word' && text === 'settings')
  const at = settings?.start ?? format.start
  return { insert: { head: sql.slice(0, at), tail: sql.slice(at) } }
}
