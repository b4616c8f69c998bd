import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../services/common/testing/processes.ts'
import type { ApiProxy, Passing } from '../../services/platform/operator/testing/api-proxy.ts'
import { seed } from '../../services/platform/operator/testing/fixtures.ts'
import { Ground, written } from './ground.ts'

// Some hundred starts of the operator before a real API server: minutes, so it stands with the tests of the profile full.
let ground: Ground
let a: { readonly proxy: ApiProxy; readonly port: number }

before(async () => {
  ground = await Ground.create()
  a = await ground.proxy()
})
after(() => ground?.stop())

const step = (passing: Passing) => !passing.watch && !/\/leases|[?&]limit=/.test(passing.url)

test('kill -9 at every step of a run ends in the same state as an undisturbed one', async (t) => {
  const undisturbed = await ground.operator(a.port, 'undisturbed')
  await ground.apply(seed())
  const calm = await ground.settled('the seed')
  await ground.remove()
  await ground.processes.kill(undisturbed)
  await ground.expireLease()

  /** Kills the operator at its call number `at`, begins anew, and answers how many calls there were until then. */
  const disturbed = async (at: number, when: 'before' | 'after'): Promise<boolean> => {
    await ground.apply(seed())
    let calls = 0
    let killed = false
    const operator = await ground.operator(a.port, `victim-${at}`)
    const strike = async (passing: Passing) => {
      if (killed || !step(passing) || (when === 'after' && !written(passing)) || calls++ !== at) return
      killed = true
      await ground.processes.kill(operator)
    }
    a.proxy.before = when === 'before' ? strike : () => {}
    a.proxy.after = when === 'after' ? strike : () => {}
    await until('it is killed, or all is done', async () => killed || (await ground.calm()))
    a.proxy.before = () => {}
    a.proxy.after = () => {}
    if (killed) {
      await ground.expireLease()
      const next = await ground.operator(a.port, 'successor')
      assert.deepEqual(await ground.settled(`after a kill ${when} call ${at}`), calm, `killed ${when} call ${at}`)
      await ground.remove()
      await ground.processes.kill(next)
    } else {
      await ground.remove()
      await ground.processes.kill(operator)
    }
    await ground.expireLease()
    return killed
  }
  for (const when of ['before', 'after'] as const) {
    let at = 0
    while (await disturbed(at, when)) at++
    t.diagnostic(`killed ${when} each of ${at} calls`)
    assert.ok(at > 8, `only ${at} calls were seen`)
  }
})
