import type { ArtefactId } from '../toolchain.ts'
import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, documentation } from './layers.ts'

type Describe = (ingredients: Ingredients) => ImageDescription

/** One program of the toolchain, which needs nothing beside it. */
const binary =
  (name: string, program = name): Describe =>
  (ingredients) => ({
    name,
    layers: [
      baseLayer(ingredients),
      { name, sources: [{ from: ingredients.toolchain.bin(program), to: `/usr/bin/${program}` }] },
    ],
    entrypoint: [`/usr/bin/${program}`],
  })

/** Packages of Debian, with all that they need. */
const debian =
  (name: ArtefactId, program: string): Describe =>
  (ingredients) => ({
    name,
    layers: [
      baseLayer(ingredients),
      { name, sources: [{ from: ingredients.toolchain.path(name), to: '/', except: documentation }] },
    ],
    entrypoint: [`/usr/bin/${program}`],
  })

/** The region's name server. */
export const coredns = binary('coredns')

/** Istio's control plane. */
export const istiod = binary('istiod', 'pilot-discovery')

/** The proxy of its gateway. */
export const envoy = binary('envoy')

/** What makes a HorizontalPodAutoscaler of each ScaledObject, and asks for the metrics. */
export const kedaOperator = binary('keda-operator')

/** What answers the HorizontalPodAutoscalers' controller, as a part of the Kubernetes API. */
export const kedaAdapter = binary('keda-adapter')

/** Redis, with TLS. */
export const redis = debian('redis', 'redis-server')

/** Prometheus, with promtool. */
export const prometheus = debian('prometheus', 'prometheus')

/** Alertmanager, with amtool. */
export const alertmanager = debian('alertmanager', 'prometheus-alertmanager')
