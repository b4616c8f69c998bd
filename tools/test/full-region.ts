import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Region, readRegion, stopRegion } from '../../infra/local/region.ts'
import { lookAtMachine, type Machine } from '../../infra/local/test/machine.ts'
import { environments } from '../../policies/environments.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'
import { pulumiFor } from '../region/pulumi.ts'
import { Steps } from '../region/steps.ts'
import { stacks, up } from '../region/up.ts'
import type { ClusterAccess } from './cluster.ts'
import { GatewayClient } from './mesh/client.ts'

/** A region of the profile 'full' for a test; made and taken away by it, or one that stands (NEURODEFENDER_TEST_REGION) and stays as it is. */
export class FullRegion {
  /** Whether the test made it. */
  readonly own: boolean
  readonly where: ReturnType<typeof places>
  readonly region: Region
  readonly access: ClusterAccess
  readonly gateway: GatewayClient
  /** The authority that the gateway's certificate is of: a file. */
  readonly authority: string
  /** The machine before the region was made. */
  readonly before: Machine
  /** The machine now. */
  readonly look: () => Machine

  #closed = false

  private constructor(parts: Pick<FullRegion, 'own' | 'where' | 'region' | 'access' | 'before' | 'look'>) {
    this.own = parts.own
    this.where = parts.where
    this.region = parts.region
    this.access = parts.access
    this.before = parts.before
    this.look = parts.look
    this.authority = join(parts.region.paths.workloadPki, 'ca.crt')
    const { nodePort } = environments.local.mesh
    this.gateway = new GatewayClient(parts.region.nodeAddress, nodePort, readFileSync(this.authority, 'utf8'))
  }

  /** `name`: of the region, when the test makes one. */
  static async open(name: string): Promise<FullRegion> {
    const standing = process.env.NEURODEFENDER_TEST_REGION
    const own = standing === undefined
    const environment: NodeJS.ProcessEnv = own
      ? { ...process.env, NEURODEFENDER_REGION: name, NEURODEFENDER_STATE: mkdtempSync(join(tmpdir(), `nd-${name}-`)) }
      : { ...process.env, NEURODEFENDER_REGION: standing }
    const where = places(environment)
    const toolchain = await ensure(['kubernetes', 'node-runtime'], { cacheRoot: where.cacheRoot })
    const look = () => lookAtMachine(toolchain.bin('iptables-save'), [where.region])
    const before = look()
    if (own) await up({ steps: new Steps(), environment, profile: 'full' })
    const region = readRegion(where.region, where.stateRoot)
    const { kubeconfig, containerdSocket } = region.paths
    const access = { kubectl: toolchain.bin('kubectl'), kubeconfig, ctr: toolchain.bin('ctr'), containerdSocket }
    return new FullRegion({ own, where, region, access, before, look })
  }

  /** kubectl with these arguments and that on its standard input; what it said. Fails with its words. */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { kubectl, kubeconfig } = this.access
    const child = spawn(kubectl, ['--kubeconfig', kubeconfig, ...args], { stdio: 'pipe' })
    child.stdin.end(input ?? '')
    const [said, wrong, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise((resolve) => child.once('close', resolve)),
    ])
    assert.equal(code, 0, wrong)
    return said
  }

  apply(...items: object[]): Promise<string> {
    return this.run(
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    )
  }

  /** Waits until a Deployment ('deploy/NAME') or StatefulSet is as it is to be. */
  async rolledOut(namespace: string, what: string): Promise<void> {
    await this.run(['-n', namespace, 'rollout', 'status', what, '--timeout=240s'])
  }

  /** What another up would change. */
  async changes(): Promise<readonly unknown[]> {
    const toolchain = await ensure(['pulumi'], { cacheRoot: this.where.cacheRoot })
    const all = []
    for (const stack of stacks) all.push(...(await pulumiFor(this.where, toolchain).changes(stack)))
    return all
  }

  /** Takes it away again if the test made it; once. */
  async close(): Promise<void> {
    this.gateway.close()
    if (!this.own || this.#closed) return
    this.#closed = true
    await stopRegion({ name: this.where.region, stateRoot: this.where.stateRoot, keep: false })
    rmSync(this.where.stateRoot, { recursive: true, force: true })
  }
}
