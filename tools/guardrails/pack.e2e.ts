import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensure } from '../engine/ensure.ts'
import { PolicyProject } from './testing/policy-project.ts'

// The real engine with the policy pack, and stand-ins for the plugins. ND_TEST_BIN names a folder with the engine's executable for a
// quick run without the toolchain's cache.
let project: PolicyProject

before(async () => {
  const folder = process.env.ND_TEST_BIN
  const pulumi = folder ? join(folder, 'pulumi') : (await ensure(['pulumi'])).bin('pulumi')
  project = new PolicyProject(pulumi)
  assert.ok((await project.run('stack', 'init', 'prod-us-east-1')).ok)
})
after(() => project?.remove())

const tags = `{ Project: 'neurodefender', Environment: 'prod', Component: 'store', CostCentre: 'platform', Jurisdiction: 'us' }`

/** A bucket with all that belongs to one, or with a mistake in it. */
const bucket = ({ publicPolicy = false, protect = true, versioned = true } = {}) => `
  const bucket = new aws.s3.Bucket('cold', { tags: ${tags} }, { protect: ${protect}, retainOnDelete: true })
  const id = { bucket: bucket.id }
  new aws.s3.BucketPublicAccessBlock('cold', {
    ...id, blockPublicAcls: true, blockPublicPolicy: ${!publicPolicy}, ignorePublicAcls: true, restrictPublicBuckets: true,
  })
  ${versioned ? `new aws.s3.BucketVersioning('cold', { ...id, versioningConfiguration: { status: 'Enabled' } })` : ''}
  new aws.s3.BucketServerSideEncryptionConfiguration('cold', {
    ...id,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: 'arn:aws:kms:us-east-1:1:key/1' } }],
  })
  const { accountId } = await aws.getCallerIdentity()
  return { accountId, arn: bucket.arn }
`

test('a program that keeps the rules is previewed, with ids that nobody knows yet', async () => {
  project.write(bucket())
  const { ok, said } = await project.preview()
  assert.ok(ok, said)
  assert.match(said, /✅ neurodefender@/)
  assert.match(said, /pulumi-resource-aws is Neurodefender's stand-in/)
  assert.match(said, /accountId\s*: "123456789012"/)
  assert.doesNotMatch(said, /can't be known during preview/)
})

test('a rule about one resource fails the preview, and says what should be', async () => {
  project.write(bucket({ protect: false }))
  const { ok, said } = await project.preview()
  assert.ok(!ok)
  assert.match(said, /\[mandatory\] {2}data-protected {2}\(aws:s3\/bucket:Bucket: cold\)/)
  assert.match(said, /The resource should be made with protect: true\./)
})

test('a rule about all resources together fails the preview, though their ids are unknown', async () => {
  project.write(bucket({ versioned: false, publicPolicy: true }))
  const { ok, said } = await project.preview()
  assert.ok(!ok)
  assert.match(said, /\[mandatory\] {2}s3-versioned {2}\(aws:s3\/bucket:Bucket: cold\)/)
  assert.match(said, /The bucket should have a BucketVersioning\./)
  assert.match(said, /blockPublicPolicy should be true; it is false\./)
})

test("the stack's name says which environment judges: a local one asks for manifests alone", async () => {
  project.write(bucket({ protect: false, versioned: false }))
  assert.ok((await project.run('stack', 'init', 'local')).ok)
  const { ok, said } = await project.preview('local')
  assert.ok(ok, said)
  assert.match(said, /✅ neurodefender@/)
})

test('the stand-in for AWS makes nothing', async () => {
  project.write(bucket())
  const { ok, said } = await project.run('up', '--yes', '--skip-preview')
  assert.ok(!ok)
  assert.match(said, /pulumi-resource-aws is Neurodefender's stand-in and only previews: it cannot create resources\./)
})
