import { type Input, type Output, output, type Unwrap } from '@pulumi/pulumi'

type Principals<Text> =
  | '*'
  | Readonly<Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', readonly Text[]>>>

/** One statement of an IAM policy, a key policy, a resource policy or a trust policy. */
export interface StatementOf<Text> {
  /** Letters and digits; what the statement is for. */
  readonly sid: string
  /** Default: 'Allow'. */
  readonly effect?: 'Allow' | 'Deny'
  /** 'service:Action'. */
  readonly actions: readonly string[]
  /** ARNs. Default: none, as in a trust policy, which is about the role that it hangs on. */
  readonly resources?: readonly Text[]
  /** Default: whoever the policy is attached to. */
  readonly principals?: Principals<Text>
  /** Operator → key → value: `{ StringEquals: { 'aws:SourceAccount': '…' } }`. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, Text | readonly Text[]>>>>
  /** Why a wildcard is right here. Without one, wildcard actions on every resource and an open principal are refused. */
  readonly reason?: string
}

/** A statement of plain strings. */
export type Statement = StatementOf<string>
/** A statement whose ARNs, principals and condition values may come from other resources. */
export type InputStatement = StatementOf<Input<string>>

export class StatementError extends Error {
  readonly code = 'BAD_STATEMENT'

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

const actionForm = /^(\*|[a-z0-9-]+:[A-Za-z0-9*]+)$/

/** What is wrong with one statement, as far as its plain parts tell. */
function problemsOf({ sid, effect, actions, resources, principals, conditions, reason }: InputStatement): string[] {
  const problems: string[] = []
  const say = (text: string) => problems.push(`Statement '${sid}': ${text}`)
  if (!/^[A-Za-z0-9]+$/.test(sid)) say('its sid must be letters and digits.')
  if (actions.length === 0) say('it names no action.')
  for (const action of actions)
    if (!actionForm.test(action)) say(`'${action}' is not an action: write 'service:Action'.`)
  if (!resources?.length && !principals) say('it needs resources, or principals in a trust policy.')
  if (effect === 'Deny' || reason) return problems
  const wild = actions.filter((action) => action.includes('*'))
  if (wild.length > 0 && resources?.includes('*'))
    say(`${wild.join(', ')} on every resource: name the actions or the resources, or give a reason.`)
  if (principals === '*' && !conditions) say('it lets everybody in: name principals, set conditions, or give a reason.')
  return problems
}

function check(statements: readonly InputStatement[]): void {
  const problems = statements.flatMap(problemsOf)
  const sids = statements.map(({ sid }) => sid)
  for (const sid of new Set(sids.filter((sid, i) => sids.indexOf(sid) !== i)))
    problems.push(`Statement '${sid}' is there twice: a policy tells statements apart by their sid.`)
  if (problems.length > 0) throw new StatementError(problems)
}

const render = (statements: readonly Statement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ sid, effect = 'Allow', actions, resources, principals, conditions }) => ({
      Sid: sid,
      Effect: effect,
      ...(principals ? { Principal: principals } : {}),
      Action: actions,
      ...(resources?.length ? { Resource: resources } : {}),
      ...(conditions ? { Condition: conditions } : {}),
    })),
  })

/** The JSON of an IAM policy. Throws StatementError with everything that is wrong. */
export function document(...statements: readonly Statement[]): string {
  check(statements)
  return render(statements)
}

/** The same for statements that hold Outputs. What is plain is judged at once, also in a first preview. */
export function documentOf(...statements: readonly InputStatement[]): Output<string> {
  check(statements)
  return output(statements).apply((known: Unwrap<readonly InputStatement[]>) => document(...(known as Statement[])))
}

/** The trust policy of a role that a service of AWS takes. */
export const trustOfService = (service: string, conditions?: Statement['conditions']): string =>
  document({
    sid: 'Assume',
    actions: ['sts:AssumeRole'],
    principals: { Service: [service] },
    ...(conditions ? { conditions } : {}),
  })
