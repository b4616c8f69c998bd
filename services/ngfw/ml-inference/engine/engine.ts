import type { Datatype, TensorData } from '../tensor/datatypes.ts'

/** A value that an engine takes or gives. */
export interface EngineTensor {
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** What a model says of one of its inputs or outputs; -1 is a dimension of any size. */
export interface TensorInfo {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

export interface ModelInfo {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /** What executes it: `cuda` or `cpu`. */
  readonly provider: Provider
}

export type Provider = 'cuda' | 'cpu'
/** `auto`: a GPU where there is one. */
export type ProviderChoice = Provider | 'auto'

export interface EngineOptions {
  readonly provider: ProviderChoice
  /** Threads of one execution. */
  readonly threads: number
}

/** By name of the input or output. */
export type Values = Readonly<Record<string, EngineTensor>>

/** One loaded model. */
export interface Engine {
  readonly info: ModelInfo
  /** Executes once. May take the inputs' memory: nobody reads them afterwards. Rejects with what the runtime says. */
  run(inputs: Values, outputs: readonly string[]): Promise<Values>
  /** Time of a processor that the thread of the last execution spent on it, milliseconds, where that is known. */
  readonly cpuMs?: number
  close(): Promise<void>
}
