import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ArtefactId } from '../../infra/local/toolchain.ts'
import { run } from './command.ts'
import type { Making } from './making.ts'

/** What no program of ours reads. */
const unread = [
  './usr/share/doc',
  './usr/share/man',
  './usr/share/locale',
  './usr/share/lintian',
  './usr/share/bug',
  './usr/share/info',
  './usr/share/bash-completion',
  './usr/share/prometheus',
  './usr/share/zoneinfo/right',
  './usr/share/zoneinfo/posix',
  './usr/lib/x86_64-linux-gnu/gconv',
  './lib/systemd',
  './usr/lib/systemd',
  './etc/init.d',
  './etc/default',
  './etc/logrotate.d',
  './etc/update-motd.d',
  './etc/dpkg',
  './usr/share/gcc',
  './usr/share/base-files',
  './usr/lib/jvm/java-17-openjdk-amd64/docs',
  './usr/lib/jvm/java-17-openjdk-amd64/man',
]

/** Packages from before /usr held everything: their files go where Debian's own merged systems have them. */
const merge = String.raw`s,^\./\(bin\|sbin\|lib\|lib64\)/,./usr/\1/,rhS`

/** Unpacks one package's files into the artefact's folder. */
export async function unpack(deb: string, making: Making): Promise<void> {
  const tar = join(making.scratch, 'data.tar')
  const options = {
    signal: making.signal,
    log: making.log,
    missing: 'It comes with Debian and its derivatives (package dpkg).',
  }
  // A pipe of two programs hides the first one's failure; a file does not.
  await run('sh', ['-c', 'exec dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', deb, tar], options)
  const excludes = unread.flatMap((path) => ['--exclude', path])
  await run('tar', ['-xf', tar, '-C', making.folder, '--no-same-owner', '--transform', merge, ...excludes], options)
  rmSync(tar)
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const folder = join(making.folder, name)
    if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
  }
}

function write(root: string, path: string, text: string, mode = 0o644): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}

function link(root: string, path: string, target: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  rmSync(join(root, path), { force: true })
  symlinkSync(target, join(root, path))
}

/** Where programs and their private libraries look for each other, from a program in usr/bin or usr/sbin. */
const privateLibraries = '$ORIGIN/../lib/x86_64-linux-gnu'

/**
 * The node's programs run on the machine itself: each dynamic one is told to look for its libraries beside itself first. An
 * environment variable would not do: runc starts itself again with an empty environment.
 */
async function finishNodeRuntime(making: Making): Promise<void> {
  const root = making.folder
  const dynamic = ['usr/sbin/runc', 'usr/sbin/xtables-nft-multi', 'usr/sbin/xtables-legacy-multi', 'usr/bin/ip']
  for (const name of readdirSync(join(root, 'usr/lib/x86_64-linux-gnu')))
    if (/^lib[\w.+-]+\.so\.[\d.]+$/.test(name)) dynamic.push(`usr/lib/x86_64-linux-gnu/${name}`)
  for (const path of dynamic) {
    const rpath = path.startsWith('usr/lib/') ? '$ORIGIN' : privateLibraries
    await run(join(root, 'usr/bin/patchelf'), ['--set-rpath', rpath, join(root, path)], making)
  }
  rmSync(join(root, 'usr/bin/patchelf'))
  for (const name of ['containerd', 'containerd-shim-runc-v2', 'ctr']) link(root, `bin/${name}`, `../usr/bin/${name}`)
  link(root, 'bin/runc', '../usr/sbin/runc')
  link(root, 'bin/ip', '../usr/bin/ip')
  link(root, 'bin/tini', '../usr/bin/tini-static')
  // The wrapper finds its artefact by its own path, so that the finished folder can be renamed into place.
  for (const family of ['iptables', 'ip6tables'])
    for (const name of [family, `${family}-save`, `${family}-restore`])
      write(root, `bin/${name}`, iptablesWrapper(name), 0o755)
}

/** One variant, nft, for every program: rules of the two variants do not see each other. */
export const iptablesWrapper = (name: string): string => `#!/bin/sh
self=$(readlink -f "$0")
root=\${self%/bin/*}
XTABLES_LIBDIR=$root/usr/lib/x86_64-linux-gnu/xtables exec "$root/usr/sbin/${name.replace(/^(ip6?tables)/, '$1-nft')}" "$@"
`

/** The base of every image: /bin and the like are links there, so the layers above it need only /usr. */
function finishImageBase({ folder: root }: Making): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) link(root, name, `usr/${name}`)
  const authorities = join(root, 'usr/share/ca-certificates/mozilla')
  const bundle = readdirSync(authorities)
    .filter((name) => name.endsWith('.crt'))
    .sort()
    .map((name) => readFileSync(join(authorities, name), 'utf8').trimEnd())
  write(root, 'etc/ssl/certs/ca-certificates.crt', `${bundle.join('\n')}\n`)
  write(
    root,
    'etc/passwd',
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  )
  write(root, 'etc/group', 'root:x:0:\nnonroot:x:65532:\n')
  write(root, 'etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n')
  mkdirSync(join(root, 'home/nonroot'), { recursive: true })
  mkdirSync(join(root, 'tmp'), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
}

function finishJre({ folder: root }: Making): void {
  link(root, 'usr/bin/java', '../lib/jvm/java-17-openjdk-amd64/bin/java')
}

/** Debian's redis-server is a link to redis-check-rdb, which looks at the name it was called by. */
function finishRedis({ folder: root }: Making): void {
  const [server, check] = [join(root, 'usr/bin/redis-server'), join(root, 'usr/bin/redis-check-rdb')]
  rmSync(server, { force: true })
  renameSync(check, server)
  for (const name of ['redis-check-aof', 'redis-benchmark']) rmSync(join(root, 'usr/bin', name), { force: true })
}

const finishes: Partial<Record<ArtefactId, (making: Making) => void | Promise<void>>> = {
  'node-runtime': finishNodeRuntime,
  'image-base': finishImageBase,
  jre: finishJre,
  redis: finishRedis,
}

/** What the packages' own install scripts would have done, as far as anything reads it. */
export async function finishRootfs(making: Making): Promise<void> {
  await finishes[making.id]?.(making)
}
