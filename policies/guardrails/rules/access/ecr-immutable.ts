import { each, type Guardrail, shouldBe } from '../../model/guardrail.ts'

export const ecrImmutable: Guardrail = {
  name: 'ecr-immutable',
  title: 'A tag of an image always means the same image',
  severity: 'high',
  frameworks: ['AWS FSBP ECR.2'],
  remediation: "Set imageTagMutability to 'IMMUTABLE'.",
  scope: 'resource',
  judges: 'program',
  find: each(['aws:ecr/repository:Repository'], (repository) =>
    shouldBe(repository, ['imageTagMutability'], 'IMMUTABLE'),
  ),
}
