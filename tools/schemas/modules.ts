import { pins } from '../engine/pins.ts'

/** A Go module whose archive holds definitions: what it is, exactly, and where in it they lie. */
export interface ModulePin {
  readonly module: string
  readonly version: string
  /** Checksum of the archive, as Go's go.sum files write it. */
  readonly sum: string
  /** Files and folders with custom resource definitions, or the one file with Kubernetes' own OpenAPI. */
  readonly holds: { readonly crds: readonly string[] } | { readonly openapi: string }
}

/**
 * Where the schemas come from: of each operator the version that we deploy, or the nearest below it that a registry has and that our Go takes. The
 * modules' own code is never run. Not among them: ClickHouse's operator, which no registry has as a
 * module (own.ts stands in), and definitions of our own, which the charts make.
 */
export const modules: readonly ModulePin[] = [
  {
    module: 'k8s.io/kubernetes',
    version: `v${pins.kubernetes.version}`,
    sum: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=',
    holds: { openapi: 'api/openapi-spec/swagger.json' },
  },
  {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.20.2',
    sum: 'h1:SR60v8uIcelbveS8n/1jcl8tLdBBIbHMxmdOHw8tKqA=',
    holds: { crds: ['config/crd/bases'] },
  },
  {
    module: 'istio.io/api',
    version: 'v1.31.4',
    sum: 'h1:AcnncYrlDj1PJkym7h88Gggkef4MAra8QpGaXRMsr+E=',
    holds: { crds: ['kubernetes/customresourcedefinitions.gen.yaml'] },
  },
  {
    module: 'sigs.k8s.io/karpenter',
    version: 'v1.14.1',
    sum: 'h1:GjqvOHLjl2+OXM0ti5VEZSQuvcitB0pETd8zdChXEtI=',
    holds: { crds: ['pkg/apis/crds'] },
  },
  {
    module: 'github.com/aws/karpenter-provider-aws',
    version: 'v1.14.1',
    sum: 'h1:WGtIQTQcxpElYMdWfWuPwaF2+9muR+hYhPZsTtoY8Gs=',
    holds: { crds: ['pkg/apis/crds/karpenter.k8s.aws_ec2nodeclasses.yaml'] },
  },
  {
    module: 'github.com/elastic/cloud-on-k8s/v3',
    version: 'v3.5.0',
    sum: 'h1:sR4oj+gNnwI9hgsKhBwjUlx+5F2T/kND40hrzaogtek=',
    holds: { crds: ['config/crds/v1/all-crds.yaml'] },
  },
  {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    holds: { crds: ['deploy/crds'] },
  },
  {
    module: 'github.com/cert-manager/aws-privateca-issuer',
    version: 'v1.7.0',
    sum: 'h1:3ghaU1zdXO0HAD/3o0TWP4Y7UI1HJ6YC9uwA3SnOZ60=',
    holds: { crds: ['config/crd/bases'] },
  },
]
