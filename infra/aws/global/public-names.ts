import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import { type AwsScope, named, tags } from '../scope.ts'

export interface PublicNamesArgs {
  /** Of every region of the environment, the primary first. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
}

/** Seconds that the proof of a name is kept by others. */
const proofTtl = 300

/**
 * The environment's zone in DNS, and a certificate for each region: for the names of the environment and for those of the region
 * (`entryHost`). ACM renews it while the proofs stand. The zone's name servers have to be made known to the domain above by hand.
 */
export class PublicNames extends ComponentResource {
  readonly zoneId: Output<string>
  readonly nameServers: Output<string[]>
  /** By region, once they are valid. */
  readonly certificateArns: Readonly<Record<string, Output<string>>>
  readonly #own = { parent: this }

  constructor(name: string, { scopes }: PublicNamesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:PublicNames', name, {}, options)
    const [first] = scopes
    const { domain } = first.cloud
    if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(domain))
      throw new RangeError(`cloud.${first.environment}.domain (${domain}) must be a name of DNS in lower case.`)
    const zone = new aws.route53.Zone(
      `nd-${first.environment}`,
      { name: domain, comment: `Public names of ${first.environment}`, tags: tags(first, 'global') },
      // A new zone has new name servers, and the domain above would still send everybody to the old ones.
      { parent: this, protect: true, retainOnDelete: true },
    )
    new aws.route53.Record(
      `nd-${first.environment}-authorities`,
      // Nobody but Amazon's authority may sign for these names.
      {
        zoneId: zone.zoneId,
        name: domain,
        type: 'CAA',
        ttl: 3_600,
        records: ['0 issue "amazon.com"', '0 issuewild "amazon.com"'],
      },
      this.#own,
    )
    const certificates = scopes.map((scope) => {
      const own = `*.${scope.region}.${domain}`
      const certificate = new aws.acm.Certificate(
        named(scope, 'public'),
        {
          domainName: `*.${domain}`,
          subjectAlternativeNames: [own],
          validationMethod: 'DNS',
          keyAlgorithm: 'EC_prime256v1',
          region: scope.region,
          tags: tags(scope, 'global'),
        },
        this.#own,
      )
      return { scope, own, certificate }
    })
    // ACM asks the same proof of an account for the same name, whatever the region.
    const shared = this.#proof(`nd-${first.environment}-proof`, zone, certificates[0]!.certificate, `*.${domain}`)
    this.certificateArns = Object.fromEntries(
      certificates.map(({ scope, own, certificate }) => {
        const proof = this.#proof(named(scope, 'proof'), zone, certificate, own)
        const valid = new aws.acm.CertificateValidation(
          named(scope, 'public'),
          {
            certificateArn: certificate.arn,
            validationRecordFqdns: [shared.fqdn, proof.fqdn],
            region: scope.region,
          },
          this.#own,
        )
        return [scope.region, valid.certificateArn]
      }),
    )
    this.zoneId = zone.zoneId
    this.nameServers = zone.nameServers
    this.registerOutputs({ zoneId: this.zoneId, certificateArns: this.certificateArns })
  }

  #proof(name: string, zone: aws.route53.Zone, certificate: aws.acm.Certificate, domain: string) {
    const option = certificate.domainValidationOptions.apply((options) => {
      const found = options.find(({ domainName }) => domainName === domain)
      if (!found) throw new Error(`ACM asks no proof for '${domain}'.`)
      return found
    })
    return new aws.route53.Record(
      name,
      {
        zoneId: zone.zoneId,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        records: [option.resourceRecordValue],
        ttl: proofTtl,
      },
      this.#own,
    )
  }
}
