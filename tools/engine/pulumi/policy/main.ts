import { createRequire } from 'node:module'
import { join } from 'node:path'
import { endWithParent } from '../parent.ts'

// Started by the engine in the pack's folder as `pulumi-analyzer-policy ENGINE-ADDRESS .`: what Pulumi's own script does, with this Node.
createRequire(join(process.cwd(), 'package.json'))('@pulumi/pulumi/cmd/run-policy-pack')

endWithParent()
