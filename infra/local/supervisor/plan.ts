/** How the supervisor learns that a component does its work. Files are PEM. */
export type Probe =
  | {
      readonly kind: 'https'
      readonly url: string
      readonly ca: string
      readonly cert?: string
      readonly key?: string
      /** Text that the answer must contain. */
      readonly contains?: string
    }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'socket'; readonly path: string }

/** One process that the supervisor keeps alive. */
export interface Component {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Components that must be ready before this one starts the first time. */
  readonly after: readonly string[]
  readonly ready: Probe
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly stopWithin: number
}

/** A step inside the namespaces before the first component: a command, or text for a file (a kernel setting). */
export type Preparation =
  | { readonly run: readonly string[] }
  | { readonly write: string; readonly text: string; readonly optional?: boolean }
  | { readonly folder: string }

/** Everything the supervisor knows. Written as JSON by the host's side, so that the two share no code but this type. */
export interface SupervisorPlan {
  readonly region: string
  readonly statusFile: string
  readonly logFolder: string
  /** Bytes of one component's log before it is turned over; one old file is kept. */
  readonly logLimit: number
  readonly path: string
  readonly cgroup: string
  readonly prepare: readonly Preparation[]
  /** The link that the host moves in, and the bridge it joins. */
  readonly uplink: string
  readonly bridge: string
  readonly components: readonly Component[]
  /** In this order; those of one group at the same time. Containers are stopped after the first group. */
  readonly stopOrder: readonly (readonly string[])[]
  readonly node: {
    readonly name: string
    readonly api: string
    readonly ca: string
    readonly cert: string
    readonly key: string
  }
  readonly containers: { readonly ctr: string; readonly socket: string; readonly stopWithin: number }
}

export type Phase = 'network' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed'

export interface ComponentStatus {
  state: 'waiting' | 'starting' | 'ready' | 'exited'
  /** Inside the region's PID namespace. */
  pid?: number
  restarts: number
  lastExit?: string
  /** Milliseconds from the supervisor's start to the first readiness. */
  readyAfter?: number
}

/** What the supervisor reports; the host reads it by polling. */
export interface SupervisorStatus {
  phase: Phase
  startedAt: string
  /** Milliseconds from the supervisor's start until the node was Ready. */
  nodeReadyAfter?: number
  error?: string
  components: Record<string, ComponentStatus>
}
