/** The embedded region: a real one-node Kubernetes in namespaces of its own. The public surface of `infra/local`. */
export { stopRegion } from './down.ts'
export { isProfile, noProfile, type Profile } from './profile.ts'
export { addTenants } from './secrets.ts'
export {
  defaultCacheRoot,
  defaultStateRoot,
  profileOf,
  type Region,
  readRegion,
} from './state.ts'
export { regionStatus } from './status.ts'
export { chooseProfile, startRegion } from './up.ts'
