import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { type KubeconfigOptions, kubeconfigOf } from './kubeconfig.ts'

const cluster = {
  name: output('nd'),
  endpoint: output('https://ABC.gr7.us-east-1.eks.amazonaws.com'),
  certificateAuthority: output('Y2E='),
}
const written = async (more: Partial<KubeconfigOptions> = {}) => {
  const graph = await recordGraph('k', async () => ({
    text: kubeconfigOf({ cluster, region: 'us-east-1', ...more }),
  }))
  return JSON.parse(String(graph.outputs.text))
}

test('it asks AWS for a token and holds no secret', async () => {
  const config = await written()
  assert.deepEqual(config.clusters[0].cluster, {
    server: 'https://ABC.gr7.us-east-1.eks.amazonaws.com',
    'certificate-authority-data': 'Y2E=',
  })
  const { exec, ...others } = config.users[0].user
  assert.deepEqual(others, {})
  assert.equal(exec.command, 'aws')
  assert.deepEqual(exec.args, [
    ...['eks', 'get-token', '--cluster-name', 'nd', '--region', 'us-east-1', '--output', 'json'],
  ])
  assert.equal(config.contexts[0].name, config['current-context'])
})

test('a role is taken where one is given', async () => {
  const { exec } = (await written({ role: output('arn:deploy') })).users[0].user
  assert.deepEqual(exec.args.slice(-2), ['--role-arn', 'arn:deploy'])
})

test('through a tunnel the certificate is still the cluster’s', async () => {
  assert.deepEqual((await written({ tunnel: 8443 })).clusters[0].cluster, {
    server: 'https://127.0.0.1:8443',
    'tls-server-name': 'abc.gr7.us-east-1.eks.amazonaws.com',
    'certificate-authority-data': 'Y2E=',
  })
})

test('a cluster that does not stand yet has none', async () => {
  const { outputs } = await recordGraph(
    'k',
    async () => {
      const { default: aws } = await import('@pulumi/aws')
      const eks = new aws.eks.Cluster('c', { roleArn: 'arn:r', vpcConfig: { subnetIds: [] } })
      return { text: kubeconfigOf({ cluster: { ...cluster, endpoint: eks.endpoint }, region: 'us-east-1' }) }
    },
    { unknowns: true },
  )
  assert.equal(outputs.text, unknown)
})
