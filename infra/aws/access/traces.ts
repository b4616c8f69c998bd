import type { InputStatement } from '../iam/document.ts'

/** Who hands traces on. X-Ray has no name for where they go, but a region. */
export const traceRights = (region: string): readonly InputStatement[] => [
  {
    sid: 'Send',
    actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:RequestedRegion': region } },
  },
]
