/** What a condition may compare, by the words of a question. */
export const operators = {
  eq: 'is the value',
  ne: 'is not the value',
  in: 'is one of a list',
  contains: 'holds the text',
  icontains: 'holds the text, the letters A to Z in either case',
  word: 'holds the word, whole, the letters A to Z in either case',
  prefix: 'begins with the text',
  has: 'holds the value as an element',
  gt: 'more, or after',
  ge: 'at least, or at or after',
  lt: 'less, or before',
  le: 'at most, or at or before',
} as const

export type Operator = keyof typeof operators

/** What each kind of field takes. */
export const kinds = {
  tenant: ['eq'],
  /** An event's id, '<tenant>/<batch>/<line>'. */
  identity: ['eq', 'in'],
  /** A name that is compared as a whole. */
  name: ['eq', 'in'],
  text: ['eq', 'ne', 'in', 'contains', 'icontains', 'prefix'],
  /** Bytes as they were sent: searched, never grouped. */
  search: ['contains', 'icontains', 'word'],
  /** A list of texts. */
  texts: ['has', 'in'],
  number: ['eq', 'ne', 'in', 'gt', 'ge', 'lt', 'le'],
  instant: ['gt', 'ge', 'lt', 'le'],
} as const satisfies Record<string, readonly Operator[]>

export type FieldKind = keyof typeof kinds
export type OperatorOf<K extends FieldKind> = (typeof kinds)[K][number]

/** A field of a condition. The closed tables of these are the only source of names in SQL. */
export interface Field {
  readonly kind: FieldKind
  /** What stands for it in SQL. Default: its own name. Never holds a value of a question. */
  readonly sql?: string
}

export const isOneOf = <const T extends string>(values: readonly T[], value: unknown): value is T =>
  (values as readonly unknown[]).includes(value)
