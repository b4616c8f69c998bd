import { binaryData } from './binary.ts'
import { restDatatypes } from './datatypes.ts'
import { grpcDatatypes } from './grpc-datatypes.ts'
import { grpcHealth } from './grpc-health.ts'
import { grpcInfer } from './grpc-infer.ts'
import { modelRepository } from './repository.ts'
import { NotApplicable, type Requirement, type Target } from './requirement.ts'
import { restErrors } from './rest-errors.ts'
import { restHealth } from './rest-health.ts'
import { restInfer } from './rest-infer.ts'

/** All requirements, in the order in which they are checked. */
export const requirements: readonly Requirement[] = [
  ...restHealth,
  ...restInfer,
  ...restErrors,
  ...restDatatypes,
  ...binaryData,
  ...grpcHealth,
  ...grpcInfer,
  ...grpcDatatypes,
  ...modelRepository,
]

export interface Result {
  readonly id: string
  readonly level: Requirement['level']
  readonly says: string
  readonly source: string
  readonly outcome: 'pass' | 'fail' | 'not applicable'
  /** What the server did instead, or why it cannot be asked. */
  readonly seen: string | undefined
}

/** Checks the requirements one after the other: a failure of one says nothing of the next. */
export async function check(
  target: Target,
  chosen: readonly Requirement[] = requirements,
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = []
  for (const { id, level, says, source, check: ask } of chosen) {
    let outcome: Result['outcome'] = 'pass'
    let seen: string | undefined
    try {
      await ask(target)
    } catch (error) {
      outcome = error instanceof NotApplicable ? 'not applicable' : 'fail'
      seen = (error as Error).message.split('\n')[0]
    }
    const result = { id, level, says, source, outcome, seen }
    results.push(result)
    onResult(result)
  }
  return results
}
