/** What the autoscaler's own parts of a region are called: the same as in the clouds. */
export const keda = { namespace: 'keda', operator: 'keda-operator', adapter: 'keda-metrics-apiserver' } as const
