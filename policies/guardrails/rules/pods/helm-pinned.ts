import { each, type Guardrail, should } from '../../model/guardrail.ts'
import { at, isGiven, unknown } from '../../model/resource.ts'

const exact = /^v?\d+\.\d+\.\d+(?:[-+][\w.-]+)?$/

/** Whether a chart's name says where it comes from, or may. */
const isElsewhere = (chart: unknown): boolean => chart === unknown || String(chart).startsWith('oci://')

export const helmPinned: Guardrail = {
  name: 'helm-pinned',
  title: 'A chart of somebody else is the one that was looked at',
  severity: 'high',
  frameworks: [],
  remediation: 'Give the Release a repository (or an oci:// chart) and an exact version.',
  scope: 'resource',
  judges: 'program',
  find: each(['kubernetes:helm.sh/v3:Release'], (release) => [
    ...should(release, ['version'], (version) => exact.test(String(version)), 'an exact version'),
    ...(isElsewhere(at(release.props, 'chart'))
      ? []
      : should(release, ['repositoryOpts', 'repo'], isGiven, 'the repository of the chart')),
  ]),
}
