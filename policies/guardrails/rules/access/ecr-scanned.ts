import { type Guardrail, violation } from '../../model/guardrail.ts'
import { at, items, mayBe } from '../../model/resource.ts'

export const ecrScanned: Guardrail = {
  name: 'ecr-scanned',
  title: 'Every image is looked through for known flaws',
  severity: 'high',
  frameworks: ['AWS FSBP ECR.1'],
  remediation:
    'Set imageScanningConfiguration.scanOnPush to true, or give the registry a RegistryScanningConfiguration.',
  scope: 'stack',
  judges: 'program',
  find: (resources) => {
    const scanned = resources.some(
      ({ type, props }) =>
        type === 'aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration' &&
        items(at(props, 'rules')).some((rule) =>
          items(at(rule, 'repositoryFilters')).some((filter) => mayBe(at(filter, 'filter'), '*')),
        ),
    )
    return resources
      .filter(({ type }) => type === 'aws:ecr/repository:Repository' && !scanned)
      .filter(({ props }) => {
        return !mayBe(at(props, 'imageScanningConfiguration', 'scanOnPush'), true)
      })
      .map((repository) =>
        violation(
          repository,
          ['imageScanningConfiguration', 'scanOnPush'],
          'imageScanningConfiguration.scanOnPush should be true, or the registry should scan all repositories.',
        ),
      )
  },
}
