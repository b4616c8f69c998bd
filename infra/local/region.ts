/** The embedded region: a real one-node Kubernetes in namespaces of its own. The public surface of `infra/local`. */
export { type StopOptions, stopRegion } from './down.ts'
export { LocalRegionError, type LocalRegionErrorCode } from './errors.ts'
export { isProfile, noProfile, type Profile } from './profile.ts'
export { addTenants } from './secrets.ts'
export {
  defaultCacheRoot,
  defaultStateRoot,
  profileOf,
  type Region,
  type RegionFacts,
  type RegionPaths,
  readRegion,
} from './state.ts'
export { type RegionStatus, regionStatus } from './status.ts'
export type { ArtefactId, Toolchain } from './toolchain.ts'
export { chooseProfile, type StartOptions, startRegion } from './up.ts'
