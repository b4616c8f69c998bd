import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readKubeconfig } from './kubeconfig.ts'

const config = (user: object, cluster: object = {}) =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } },
      { name: 'y', context: { cluster: 'other', user: 'u' } },
    ],
    'current-context': 'x',
  })

test('credentials come from the text, or from files beside the kubeconfig', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const access = readKubeconfig(config({ 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }))
  assert.equal(access.server, 'https://127.0.0.1:6443')
  assert.deepEqual([access.certificate, access.key, access.namespace], ['CERT', 'KEY', 'n'])

  const folder = mkdtempSync(join(tmpdir(), 'nd-kubeconfig-'))
  try {
    writeFileSync(join(folder, 'token'), 'secret\n')
    writeFileSync(join(folder, 'ca.crt'), 'CA')
    writeFileSync(
      join(folder, 'config'),
      config({ tokenFile: join(folder, 'token') }, { 'certificate-authority': 'ca.crt' }),
    )
    const read = readKubeconfig(join(folder, 'config'))
    assert.deepEqual([read.token, read.ca], ['secret', 'CA'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what it cannot follow is refused with a sentence, without its content', () => {
  const refused = (text: string, message: RegExp, context?: string) =>
    assert.throws(() => readKubeconfig(text, context), { code: 'BAD_KUBECONFIG', message })
  refused('/nowhere/kubeconfig', /'\/nowhere\/kubeconfig' does not exist\. Is the region up\?/)
  refused(config({ exec: {} }), /asks another program for its credentials/)
  refused(config({}, { 'insecure-skip-tls-verify': true }), /skips TLS verification/)
  refused(config({}), /no entry 'other' under 'clusters'/, 'y')
  refused(config({}), /no entry 'z' under 'contexts'/, 'z')
  refused('a: [secret\n', /^The kubeconfig given as text is neither YAML nor JSON\.$/)
})
