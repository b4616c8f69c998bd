import type { Guardrail } from '../../model/guardrail.ts'
import { shouldBe } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'

const machines = ['aws:ec2/launchTemplate:LaunchTemplate', 'aws:ec2/instance:Instance']

export const instanceMetadata: Guardrail = {
  name: 'nodes-instance-metadata',
  title: "A machine's credentials are out of reach of its pods",
  severity: 'high',
  frameworks: ['AWS FSBP EC2.8', 'AWS FSBP EC2.170'],
  remediation:
    "Set httpTokens to 'required' and httpPutResponseHopLimit to 1, so that a pod's request does not arrive.",
  scope: 'resource',
  judges: 'manifest',
  find: (resources) => [
    ...resources
      .filter(({ type }) => machines.includes(type))
      .flatMap((machine) => [
        ...shouldBe(machine, ['metadataOptions', 'httpTokens'], 'required'),
        ...shouldBe(machine, ['metadataOptions', 'httpPutResponseHopLimit'], 1),
      ]),
    ...resources
      .filter((resource) => kindOf(resource) === 'EC2NodeClass')
      .flatMap((machine) => [
        ...shouldBe(machine, ['spec', 'metadataOptions', 'httpTokens'], 'required'),
        ...shouldBe(machine, ['spec', 'metadataOptions', 'httpPutResponseHopLimit'], 1),
      ]),
  ],
}
