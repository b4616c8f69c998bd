import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensure } from '../engine/ensure.ts'

const github = fileURLToPath(new URL('../../.github', import.meta.url))
let actionlint: string
let copy: string

before(async () => {
  actionlint = (await ensure(['actionlint'])).bin('actionlint')
  copy = mkdtempSync(join(tmpdir(), 'nd-workflows-'))
  cpSync(github, join(copy, '.github'), { recursive: true })
  // By this folder actionlint finds the project, and in it the actions that workflows use by path.
  mkdirSync(join(copy, '.git'))
})

after(() => rmSync(copy, { recursive: true, force: true }))

/** Lints the copy. shellcheck and pyflakes are left out: whether a machine has them must not decide. */
const lint = () =>
  new Promise<{ code: number | string; said: string }>((resolve) => {
    execFile(actionlint, ['-no-color', '-shellcheck=', '-pyflakes='], { cwd: copy }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: stdout + stderr }),
    )
  })

test('actionlint finds nothing in any workflow', async () => {
  assert.ok(readdirSync(join(github, 'workflows')).length >= 8)
  assert.deepEqual(await lint(), { code: 0, said: '' })
})

const faults: Readonly<Record<string, readonly [string, string, RegExp]>> = {
  'a job that nobody has': ['needs: plan', 'needs: plann', /needs job "plann" which does not exist/],
  'an expression of a stranger in a script': [
    'jobs=$(',
    `echo $\{{ github.event.head_commit.message }}; jobs=$(`,
    /potentially untrusted/,
  ],
  'an input that an action of ours does not have': ['bucket: ${{', 'buckt: ${{', /input "buckt" is not defined/],
  'a permission that there is not': ['id-token: write', 'id-tokens: write', /unknown permission scope "id-tokens"/],
}

for (const [name, [from, to, said]] of Object.entries(faults))
  test(`actionlint refuses ${name}`, async () => {
    const file = join(copy, '.github/workflows/pulumi-preview.yml')
    const text = readFileSync(file, 'utf8')
    assert.ok(text.includes(from))
    writeFileSync(file, text.replace(from, to))
    try {
      const { code, said: words } = await lint()
      assert.equal(code, 1)
      assert.match(words, said)
    } finally {
      writeFileSync(file, text)
    }
  })
