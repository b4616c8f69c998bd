import { containerSecurity, podSecurity } from '../../../policies/model/pod-security.ts'

/** Where the program of every pod of a test answers. */
export const port = 8_080

export interface ProgramPod {
  /** Any that has Node. */
  readonly image: string
  /** Source text for Node; answers at `port`. */
  readonly program: string
  /** What it answers when it is ready. */
  readonly ready: string
  readonly cpu: string
  /** More of the container. */
  readonly more?: object
}

/** The specification of a pod that runs a program of a test and nothing else, under the restricted profile. */
export const programPod = ({ image, program, ready, cpu, more = {} }: ProgramPod) => ({
  automountServiceAccountToken: false,
  securityContext: podSecurity,
  containers: [
    {
      name: 'program',
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['/usr/bin/node', '-e', program],
      readinessProbe: { httpGet: { path: ready, port }, periodSeconds: 1 },
      resources: { requests: { cpu, memory: '64Mi' }, limits: { memory: '64Mi' } },
      securityContext: containerSecurity,
      ...more,
    },
  ],
})
