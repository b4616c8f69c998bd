import { cloud, type Fixture } from '../../../testing/fixture.ts'

const repository = (scanOnPush?: boolean) =>
  cloud('ecr/repository:Repository', 'analytics', {
    ...(scanOnPush === undefined ? {} : { imageScanningConfiguration: { scanOnPush } }),
  })
const registry = (filter: string) =>
  cloud('ecr/registryScanningConfiguration:RegistryScanningConfiguration', 'scan', {
    scanType: 'ENHANCED',
    rules: [{ scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: [{ filter, filterType: 'WILDCARD' }] }],
  })
const says = ['imageScanningConfiguration.scanOnPush should be true, or the registry should scan all repositories.']

export const fixture: Fixture = {
  good: [[repository(true)], [repository(), registry('*')]],
  bad: [
    { resources: [repository()], says },
    { resources: [repository(false), registry('other')], says },
  ],
}
