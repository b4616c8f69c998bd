import type { OperatorsPolicy } from './model/operators.ts'

const istio = { repository: 'https://istio-release.storage.googleapis.com/charts', version: '1.31.4', app: '1.31.4' }
const jetstack = 'https://charts.jetstack.io'
const karpenter = { repository: 'oci://public.ecr.aws/karpenter', version: '1.15.1', app: '1.15.1' }
const eks = 'https://aws.github.io/eks-charts'

/** The controllers of others, pinned one by one. How to change one: docs/kubernetes.md. */
export const operators = {
  charts: {
    'aws-load-balancer-controller': {
      repository: eks,
      chart: 'aws-load-balancer-controller',
      version: '3.6.0',
      app: '3.6.0',
    },
    'aws-privateca-issuer': {
      repository: 'https://cert-manager.github.io/aws-privateca-issuer',
      chart: 'aws-privateca-issuer',
      version: '1.12.0',
      app: '1.12.0',
    },
    'cert-manager': { repository: jetstack, chart: 'cert-manager', version: 'v1.21.2', app: '1.21.2' },
    'clickhouse-operator': {
      repository: 'https://helm.altinity.com',
      chart: 'altinity-clickhouse-operator',
      version: '0.27.0',
      app: '0.27.0',
    },
    'dcgm-exporter': {
      repository: 'https://nvidia.github.io/dcgm-exporter/helm-charts',
      chart: 'dcgm-exporter',
      version: '4.8.1',
      app: '4.5.2-4.8.1',
    },
    'eck-operator': { repository: 'https://helm.elastic.co', chart: 'eck-operator', version: '3.5.0', app: '3.5.0' },
    'external-dns': {
      repository: 'https://kubernetes-sigs.github.io/external-dns',
      chart: 'external-dns',
      version: '1.21.1',
      app: '0.21.0',
    },
    'istio-base': { ...istio, chart: 'base' },
    'istio-cni': { ...istio, chart: 'cni' },
    'istio-csr': { repository: jetstack, chart: 'cert-manager-istio-csr', version: 'v0.17.0', app: '0.17.0' },
    'istio-gateway': { ...istio, chart: 'gateway' },
    istiod: { ...istio, chart: 'istiod' },
    karpenter: { ...karpenter, chart: 'karpenter' },
    'karpenter-crd': { ...karpenter, chart: 'karpenter-crd' },
    keda: { repository: 'https://kedacore.github.io/charts', chart: 'keda', version: '2.20.2', app: '2.20.2' },
    'nvidia-device-plugin': {
      repository: 'https://nvidia.github.io/k8s-device-plugin',
      chart: 'nvidia-device-plugin',
      version: '0.18.2',
      app: '0.18.2',
    },
    'opentelemetry-collector': {
      repository: 'https://open-telemetry.github.io/opentelemetry-helm-charts',
      chart: 'opentelemetry-collector',
      version: '0.177.0',
      app: '0.163.2',
    },
  },
  machineImage: 'al2023@v20260818',
  sidecar: { cpu: '100m', memory: '256Mi' },
  // The authority is in its short-lived mode, which signs for seven days at most.
  certificates: { duration: '144h', renewBefore: '48h' },
} as const satisfies OperatorsPolicy
