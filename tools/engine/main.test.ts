import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAlive, ownerOf } from './lock.ts'
import { script, temp } from './test/temp.ts'

function start(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { child, said: () => said }
}

const status = async (child: ChildProcess) => (await once(child, 'close'))[0] as number

test('says how it is used, and what is wrong with how it was', async (t) => {
  const NEURODEFENDER_CACHE = temp(t)
  const runs: [string[], number, RegExp][] = [
    [['--help'], 0, /^usage: node tools\/engine\/main\.ts/],
    [['--list'], 0, /^kubernetes .* missing, usually 5m/],
    [['--frob'], 2, /engine: Unknown option '--frob'/],
    [['ectd'], 2, /There is no artefact 'ectd'/],
    [['--jobs', 'x'], 2, /--jobs wants a whole number/],
    [['--profile', 'half'], 2, /'half' is no profile of a region; there are: core, full/],
  ]
  for (const [args, code, message] of runs) {
    const { child, said } = start(args, { NEURODEFENDER_CACHE })
    assert.equal(await status(child), code, args.join(' '))
    assert.match(said(), message)
  }
})

test('an interrupt ends what it started and leaves nothing half-made', async (t) => {
  const cache = temp(t)
  const bin = temp(t)
  script(
    join(bin, 'go'),
    `if [ "$1" = version ]; then echo go version go1.26.8 linux/amd64; exit; fi
echo $$ > ${bin}/new && mv ${bin}/new ${bin}/pid; exec sleep 600`,
  )
  const { child, said } = start(['etcd'], { NEURODEFENDER_CACHE: cache, PATH: `${bin}:/usr/bin:/bin` })
  t.after(() => child.kill('SIGKILL'))
  const watcher = watch(bin)
  while (!existsSync(join(bin, 'pid'))) await once(watcher, 'change')
  watcher.close()
  const compiler = ownerOf(Number(readFileSync(join(bin, 'pid'), 'utf8')))
  assert.ok(isAlive(compiler))
  child.kill('SIGINT')
  assert.equal(await status(child), 130)
  assert.match(said(), /Interrupted\. Nothing half-made was kept; run it again/)
  assert.equal(isAlive(compiler), false)
  assert.deepEqual(readdirSync(join(cache, 'artefacts')), [])
  assert.deepEqual(readdirSync(join(cache, 'locks')), [])
})
