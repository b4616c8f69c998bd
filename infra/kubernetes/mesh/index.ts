import type { Construct } from 'constructs'
import { RegionChart } from '../charts/region-chart.ts'
import type { ChartScope } from '../context.ts'
import { Access } from './access.ts'
import { ExternalServices } from './external.ts'
import { Gateways } from './gateways.ts'
import { managed } from './graph.ts'
import { Sidecars } from './sidecars.ts'
import { MeshTelemetry } from './telemetry.ts'
import { Traffic } from './traffic.ts'

/**
 * The mesh of a managed cluster: who may call whom, how callers behave, what may leave, and the ways in from other regions and from
 * outside. Nothing here is for `ml-inference` but who may call it: its operator makes the rest.
 */
export class Mesh extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'mesh', scope)
    managed(scope)
    new Access(this, scope)
    new Traffic(this, scope)
    new ExternalServices(this, scope)
    new Sidecars(this, scope)
    new Gateways(this, scope)
    new MeshTelemetry(this, scope)
  }
}
