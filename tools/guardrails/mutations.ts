import type { Mutation } from './mutation.ts'
import { cloudMutations } from './mutations-cloud.ts'
import { kubernetesMutations } from './mutations-kubernetes.ts'

/** For each rule at least one mistake in a real stack. */
export const mutations: readonly Mutation[] = [...cloudMutations, ...kubernetesMutations]
