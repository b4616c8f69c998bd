import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { installStandIns } from './stand-ins.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nd-stand-ins-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function program(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 })
  return path
}
const install = (env: NodeJS.ProcessEnv = {}) =>
  installStandIns(join(folder, 'out'), {
    pulumi: program(join(folder, 'engine', 'pulumi')),
    env: { HOME: folder, PATH: '', ...env },
  })
const installed = (name: string) => join(folder, 'out', 'bin', name)

const others = ['pulumi-analyzer-policy', 'pulumi-resource-aws', 'pulumi-resource-random']

test('without official plugins ours stand in, run by this Node', () => {
  assert.deepEqual(install().standIns, ['pulumi-language-nodejs', 'pulumi-resource-kubernetes', ...others])
  const wrapper = readFileSync(installed('pulumi-resource-kubernetes'), 'utf8')
  assert.match(wrapper, /Neurodefender stand-in/)
  assert.ok(wrapper.includes(process.execPath))
  assert.equal(readlinkSync(installed('pulumi')), join(folder, 'engine', 'pulumi'))
  assert.match(readFileSync(installed('pulumi-resource-aws'), 'utf8'), /preview-only\/main\.ts' 'aws' "\$@"/)
})

test('an official language host beside the engine is used', () => {
  const official = program(join(folder, 'engine', 'pulumi-language-nodejs'))
  assert.deepEqual(install().standIns, ['pulumi-resource-kubernetes', ...others])
  assert.equal(readlinkSync(installed('pulumi-language-nodejs')), official)
})

test('an official provider is used: the newest in a plugin folder, or one on PATH', () => {
  const plugin = (home: string, version: string) =>
    program(join(folder, home, 'plugins', `resource-kubernetes-v${version}`, 'pulumi-resource-kubernetes'))
  plugin('.pulumi', '4.9.0')
  const newest = plugin('.pulumi', '4.34.0')
  assert.deepEqual(install().standIns, ['pulumi-language-nodejs', ...others])
  assert.equal(readlinkSync(installed('pulumi-resource-kubernetes')), newest)
  const own = plugin('home', '4.1.0')
  install({ PULUMI_HOME: join(folder, 'home') })
  assert.equal(readlinkSync(installed('pulumi-resource-kubernetes')), own)
  const onPath = program(join(folder, 'path', 'pulumi-resource-kubernetes'))
  install({ PATH: join(folder, 'path') })
  assert.equal(readlinkSync(installed('pulumi-resource-kubernetes')), onPath)
})

test('its own folder on PATH is not taken for an official one, and what it links is not linked to itself', () => {
  program(join(folder, 'path', 'pulumi-language-nodejs'))
  const env = { PATH: `${join(folder, 'out', 'bin')}:${join(folder, 'path')}` }
  install(env)
  assert.deepEqual(install(env).standIns, ['pulumi-resource-kubernetes', ...others])
  assert.equal(readlinkSync(installed('pulumi-language-nodejs')), join(folder, 'path', 'pulumi-language-nodejs'))
  assert.ok(!lstatSync(installed('pulumi-resource-kubernetes')).isSymbolicLink())
})
