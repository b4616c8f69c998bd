/** What the mesh's own parts of a region are called: the same as in the clouds. */
export const mesh = { namespace: 'istio-system', control: 'istiod', gateway: 'istio-ingressgateway' } as const
