import { Chart } from 'cdk8s'
import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { commonLabels } from '../names.ts'

/** A chart whose objects carry the region's labels. Names are always given, so none depends on where in the tree an object stands. */
export class RegionChart extends Chart {
  protected readonly region: ChartScope

  constructor(parent: Construct, id: string, scope: ChartScope) {
    super(parent, id, { labels: commonLabels(scope), disableResourceNameHashes: true })
    this.region = scope
  }
}
