import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { keda } from '../../infra/local/keda.ts'
import { policies } from '../../policies/bundle.ts'
import { labelled, scalingSeries } from '../../policies/series.ts'
import { services } from '../../policies/services.ts'
import { dashboardPlans, serviceOfPlan } from '../dashboards/plans.ts'
import { classifier, flowsOf } from '../inference/peers/requests.ts'
import { onlyFull } from '../region/bundle.ts'
import { kubectl, until } from './cluster.ts'
import { withoutData } from './dashboards.ts'
import { BorrowedPrometheus } from './forecast/borrowed-prometheus.ts'
import { history, rules, steadyRates, subject, wantsFour, wavesOf } from './forecast/load.ts'
import { at, type Stretch, steady } from './forecast/paper-load.ts'
import { FullRegion } from './full-region.ts'
import { ScaledDeployment } from './keda/scaled.ts'
import { Whys } from './keda/whys.ts'
import { instant } from './prometheus.ts'

const { namespace } = services['ml-inference']
const monitoring = services.forecaster.namespace
const name = 'threat-detection'
const { target = Number.NaN, tolerance = 0.1 } = subject.options
/** What the wave still climbs before it needs four pods, when the drill begins: time to start Prometheus and the forecaster anew. */
const runUp = 9 * 60
const longMs = 900_000

interface Resource {
  readonly spec: {
    readonly prediction: string
    readonly scaling: { readonly minReplicas: number; readonly maxReplicas: number }
  }
}
interface Shown {
  readonly service: string
  readonly active: boolean
  readonly gate: string
  readonly reason: string
}

/**
 * Nobody sends these requests: their counter is written into Prometheus' history, and a rule goes on with it. All else is real: the forecaster
 * learns from that history and opens its own gate, KEDA and the HPA act on both, the operator starts the pods.
 */
describe('a service that is scaled by a forecast', { timeout: 60 * 60_000 }, () => {
  let full: FullRegion
  let prometheus: BorrowedPrometheus
  let service: ScaledDeployment
  let whys: Whys
  let model = name
  let load: readonly [Stretch, ...Stretch[]]
  let beforeSpec: Resource['spec'] | undefined
  /** When the dead forecaster's series was gone, and when the pod that it had wanted. */
  const ended = { from: 0, to: 0 }

  const scale = (space: string, what: string, replicas: number) =>
    full.run(['-n', space, 'scale', what, `--replicas=${replicas}`])
  const patch = (spec: object) =>
    full.run(['-n', namespace, 'patch', 'mli', name, '--type', 'merge', '-p', JSON.stringify({ spec })])
  const measured = async () =>
    (
      await instant(full.where, labelled(scalingSeries.metric, { service: 'ml-inference', metric: 'qps' }), 'metric')
    ).get('qps') ?? Number.NaN
  const served = async () => await instant(full.where, 'nd_forecast_value{service="ml-inference"}', 'metric')
  /** From ten seconds on, so that no sample of before is beyond it. */
  const goOn = async (rate: number) => {
    const [last] = load.slice(-1) as [Stretch]
    load = [last, steady(last, Math.ceil(Date.now() / 1_000) + 10, rate)]
    await prometheus.follow(rules(model, load))
  }
  /** No trigger has failed: nothing stands in for one, and the autoscaler has its answers. */
  const healthy = async () => {
    assert.match(await service.says('Ready'), /^True/)
    assert.match(await service.says('Fallback'), /^False/)
    assert.match(await service.hpaSays('ScalingActive'), /^True/)
  }
  /** So many looks of the controller, healthy at each. */
  const looks = async (count: number) => {
    for (const since = Date.now(); Date.now() - since < count * 15_000; await delay(3_000)) await healthy()
  }
  const forecaster = async (replicas: number) => {
    await scale(monitoring, 'deployment/forecaster', replicas)
    if (replicas > 0) await full.rolledOut(monitoring, 'deployment/forecaster')
  }
  const operator = async (replicas: number) => {
    await scale(keda.namespace, `deployment/${keda.operator}`, replicas)
    if (replicas > 0) await full.rolledOut(keda.namespace, `deployment/${keda.operator}`)
  }

  before(async () => {
    full = await FullRegion.open('e2e-fc')
    prometheus = new BorrowedPrometheus(full)
    service = new ScaledDeployment(full.access, namespace, name, 'mlinference')
    whys = new Whys(full, 'ml-inference')
    beforeSpec = (await kubectl<Resource>(full.access, ['-n', namespace, 'get', 'mli', name])).spec
    await patch({ prediction: 'on' })
    const object = ['-n', namespace, 'get', 'scaledobject', name]
    const queries = await until('a trigger for the forecast', async () => {
      const { spec } = await kubectl<{ spec: { triggers: { metadata: { query: string } }[] } }>(full.access, object)
      const all = spec.triggers.map(({ metadata }) => metadata.query)
      return all.some((query) => query.includes('nd_forecast_value')) && all
    })
    model = queries.map((query) => /model="([^"]+)"/.exec(query)?.[1]).find(Boolean) ?? name
    // Nobody looks while Prometheus is away, so that nothing stands in for it and pods are what they were.
    await operator(0)
    await forecaster(0)
    const ago = wantsFour.after - runUp
    await prometheus.begin(
      (now) => {
        const waves = wavesOf(now, ago)
        load = [at(waves, now)]
        return history(model, waves, now)
      },
      () => rules(model, load),
    )
    await forecaster(1)
    await until('a forecast', async () => (await served()).size > 0)
    await until('what is measured', async () => (await measured()) > target)
    await operator(1)
  })

  after(async () => {
    if (full && beforeSpec && !full.own) {
      await operator(0)
      await forecaster(0)
      await prometheus.giveBack()
      const { prediction, scaling } = beforeSpec
      await patch({ prediction, scaling: { maxReplicas: scaling.maxReplicas } })
      await forecaster(1)
      await operator(1)
    }
    await full?.close()
  })

  test('its pod is there before its load', async () => {
    await until('three pods', async () => (await service.replicas()) === wantsFour.measured, longMs)
    assert.ok((await measured()) < (wantsFour.measured + 1) * target)
    await until('four pods', async () => (await service.replicas()) === wantsFour.foretold, longMs)
    const now = await measured()
    assert.ok(now < wantsFour.measured * target * (1 + tolerance), `${now} alone asks for the fourth pod`)
    const { explained } = await whys.now()
    assert.ok(explained.chain.includes('forecast'), explained.sentence)
    assert.deepEqual(explained.metric, { name: 'qps', kind: 'forecast' })
    const { forecasts } = JSON.parse((await whys.forecaster('/v1/forecasts')).body) as { forecasts: Shown[] }
    const shown = forecasts.find((one) => one.service === 'ml-inference')
    assert.deepEqual([shown?.active, shown?.gate], [true, 'open'], shown?.reason)
    await healthy()
  })

  test('with a dead forecaster what is measured scales alone', async () => {
    const { least } = await service.during(
      (async () => {
        await forecaster(0)
        await goOn(steadyRates.three)
        await until('its series to end', async () => (await served()).size === 0)
        ended.from = Date.now()
        await until(
          'as many pods as the measured load needs',
          async () => (await service.replicas()) === wantsFour.measured,
          longMs,
        )
        ended.to = Date.now()
        await looks(8)
      })(),
    )
    assert.equal(least, wantsFour.measured)
    const { explained } = await whys.now()
    assert.deepEqual([explained.cause, explained.metric?.kind], ['tolerance', 'share'], explained.sentence)
  })

  test('while what it wanted holds, why says so', async () => {
    const seen = new Set<string>()
    for (let moment = ended.from; moment < ended.to; moment += 5_000) {
      const { explained } = await whys.at(moment)
      seen.add(explained.cause)
      if (explained.cause === 'stabilisation') return assert.equal(explained.desired, wantsFour.foretold)
    }
    assert.fail(`none of ${[...seen].join(', ')} is stabilisation`)
  })

  test('a forecaster that comes back is heard again', async () => {
    const { least } = await service.during(
      (async () => {
        await forecaster(1)
        await until('a forecast', async () => (await served()).size > 0)
        await looks(4)
      })(),
    )
    assert.ok(least >= wantsFour.measured, `${least} pods`)
    const { metrics } = (await whys.now()).explained
    const heard = metrics.find(({ kind }) => kind === 'forecast')
    assert.ok((heard?.value ?? 0) >= wantsFour.measured * target, JSON.stringify(heard))
  })

  test('the cause is the bound where the load asks for more, and where it asks for less', async () => {
    // By what is measured alone: such jumps are nothing to foretell.
    await patch({ prediction: 'preview', scaling: { maxReplicas: wantsFour.foretold } })
    await goOn(steadyRates.six)
    const most = await whys.until('most', longMs)
    assert.equal(most.explained.desired, wantsFour.foretold)
    await goOn(steadyRates.one)
    await whys.until('stabilisation', longMs)
    const least = await whys.until('least', longMs)
    assert.equal(least.explained.desired, beforeSpec?.scaling.minReplicas)
    assert.equal(least.explained.metric?.kind, 'share')
    const answer = await until('the forecaster to say the same', async () => {
      const said = await whys.served()
      return said.pods === least.explained.desired && said
    })
    assert.deepEqual([answer.cause, answer.desired], ['least', least.explained.desired], answer.sentence)
    await until('the metric of it', async () => {
      const named = await instant(full.where, 'nd_scaling_cause{service="ml-inference"}', 'cause')
      return [...named.keys()].join() === 'least'
    })
  })

  test('every query of their dashboards has data', async () => {
    const { features } = classifier('1')
    const data = flowsOf(classifier('1'), 1).flat()
    const inputs = [{ name: 'flows', datatype: 'FP32', shape: [1, features.length], data }]
    const question = { path: `/v2/models/${name}/infer`, body: JSON.stringify({ inputs }) }
    const plans = dashboardPlans(policies).filter((plan) => onlyFull.has(serviceOfPlan(plan)))
    assert.equal(plans.length, onlyFull.size)
    let empty: readonly string[] = []
    await full.gateway
      .whileGoing(
        `${name}.${namespace}.svc.cluster.local`,
        2,
        until('data for every panel', async () => {
          empty = await withoutData(full.where, plans)
          return empty.length === 0
        }),
        question,
      )
      .catch((error: unknown) => {
        throw new Error(`These queries have no data:\n${empty.join('\n')}`, { cause: error })
      })
  })
})
