import { cloud, type Fixture } from '../../../testing/fixture.ts'

const repository = (imageTagMutability?: string) => [
  cloud('ecr/repository:Repository', 'analytics', { imageTagMutability }),
]

export const fixture: Fixture = {
  good: [repository('IMMUTABLE')],
  bad: [
    { resources: repository(), says: ["imageTagMutability should be 'IMMUTABLE'; it is not set."] },
    { resources: repository('MUTABLE'), says: ["imageTagMutability should be 'IMMUTABLE'; it is 'MUTABLE'."] },
  ],
}
