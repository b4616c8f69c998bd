import type { Policies } from '../../../policies/bundle.ts'
import { policies as real } from '../../../policies/bundle.ts'
import { Project, type ProjectOptions } from '../../engine/pulumi/project.ts'
import { command } from '../../region/run.ts'
import { deployCommand } from '../command.ts'

const { staging } = real.environments
if (!staging || !real.cloud.staging) throw new Error('the trial is made from staging')

/** One environment of one region: four stacks. */
const trialPolicies: Policies = {
  ...real,
  cloud: { trial: real.cloud.staging },
  environments: { trial: { ...staging, regions: ['us-east-1'] } },
}

/** The deploy command on a test's project, whose options TRIAL_PROJECT holds; a process of its own, so that it can be interrupted and killed. */
if (import.meta.main) {
  const options = JSON.parse(process.env.TRIAL_PROJECT ?? '') as ProjectOptions
  process.exitCode = await command((signal) =>
    deployCommand(process.argv.slice(2), {
      policies: trialPolicies,
      signal,
      interactive: false,
      preflight: () => {},
      project: async () => new Project(options),
      secretsProvider: () => undefined,
    }),
  )
}
