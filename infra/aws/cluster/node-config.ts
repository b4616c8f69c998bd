/** Pods of a machine: AWS' recommendation for machines below 30 vCPUs whose addresses come in blocks. */
const maxPods = 110

/**
 * What an Amazon Linux 2023 machine reads before it joins, in base64. Without it the machine counts addresses one by one, and an
 * m7i.large takes 29 pods. EKS adds what it knows of the cluster.
 */
export const nodeConfig = (): string =>
  Buffer.from(
    [
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="//"',
      '',
      '--//',
      'Content-Type: application/node.eks.aws',
      '',
      'apiVersion: node.eks.aws/v1alpha1',
      'kind: NodeConfig',
      'spec:',
      '  kubelet:',
      '    config:',
      `      maxPods: ${maxPods}`,
      '',
      '--//--',
      '',
    ].join('\n'),
  ).toString('base64')
