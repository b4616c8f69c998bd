import { k8s } from 'cdk8s-plus-27'

/**
 * A Deployment whose pods wait before they are told to stop, until nobody sends to them any more. The kubelet's own `sleep` needs no
 * shell in the image, but is younger than the types of cdk8s-plus-27, whose `toJson` drops what it does not know: so it is added after.
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
export class DrainingDeployment extends k8s.KubeDeployment {
  readonly #seconds: number

  constructor(
    scope: ConstructorParameters<typeof k8s.KubeDeployment>[0],
    id: string,
    props: k8s.KubeDeploymentProps,
    seconds: number,
  ) {
    super(scope, id, props)
    this.#seconds = seconds
  }

  override toJson(): unknown {
    const json = super.toJson()
    if (this.#seconds > 0)
      for (const container of json.spec.template.spec.containers)
        container.lifecycle = { ...container.lifecycle, preStop: { sleep: { seconds: this.#seconds } } }
    return json
  }
}
