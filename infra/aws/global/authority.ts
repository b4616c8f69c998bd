import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from '@pulumi/pulumi'
import { type AwsScope, named, tags } from '../scope.ts'

export interface AuthorityArgs {
  /** Of the primary region. */
  readonly scope: AwsScope
}

const validity = { type: 'YEARS', value: '10' }

/**
 * The root that every certificate between services is signed by, in all regions of the environment, so that they trust each other. It
 * signs for seven days at most (AWS' short-lived mode) and keeps no list of revoked certificates: they end sooner than anybody reads it.
 */
export class Authority extends ComponentResource {
  readonly arn: Output<string>
  readonly region: string
  /** Its own certificate, PEM. */
  readonly certificate: Output<string>

  constructor(name: string, { scope }: AuthorityArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Authority', name, {}, options)
    const id = named(scope, 'authority')
    const kept = { parent: this, protect: true, retainOnDelete: true }
    const there = { region: scope.region }
    const authority = new aws.acmpca.CertificateAuthority(
      id,
      {
        type: 'ROOT',
        usageMode: 'SHORT_LIVED_CERTIFICATE',
        certificateAuthorityConfiguration: {
          keyAlgorithm: 'EC_prime256v1',
          signingAlgorithm: 'SHA256WITHECDSA',
          subject: { organization: 'Neurodefender', commonName: `Neurodefender ${scope.environment}` },
        },
        revocationConfiguration: { crlConfiguration: { enabled: false }, ocspConfiguration: { enabled: false } },
        permanentDeletionTimeInDays: 30,
        ...there,
        tags: tags(scope, 'global'),
      },
      kept,
    )
    const own = new aws.acmpca.Certificate(
      id,
      {
        certificateAuthorityArn: authority.arn,
        certificateSigningRequest: authority.certificateSigningRequest,
        signingAlgorithm: 'SHA256WITHECDSA',
        templateArn: 'arn:aws:acm-pca:::template/RootCACertificate/V1',
        validity,
        ...there,
      },
      kept,
    )
    const installed = new aws.acmpca.CertificateAuthorityCertificate(
      id,
      { certificateAuthorityArn: authority.arn, certificate: own.certificate, ...there },
      kept,
    )
    // Whoever reads the ARN may ask for a certificate, and that needs the authority's own first.
    this.arn = interpolate`${installed.certificateAuthorityArn}`
    this.region = scope.region
    this.certificate = own.certificate
    this.registerOutputs({ arn: this.arn })
  }
}
