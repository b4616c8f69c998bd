import { isDeepStrictEqual } from 'node:util'
import { Output } from '@pulumi/pulumi'
import type { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import type { Finding } from '../../../policies/model/finding.ts'
import type { OutputResolver } from '../output-resolver.ts'
import { nameOf } from './findings.ts'

const rule = 'no-lost-field'
const purpose = 'what a chart says is what the cluster gets; the typed layer drops without a word what it does not know'

interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** `clusterIP` is `clusterIp` in TypeScript. */
function fieldOf(json: object, key: string): unknown {
  if (Object.hasOwn(json, key)) return json[key as keyof typeof json]
  const other = Object.keys(json).find((name) => name.toLowerCase() === key.toLowerCase())
  return other === undefined ? undefined : json[other as keyof typeof json]
}

/** Whether a quantity or port says anything. A string in its place reaches the JSON as nothing at all. */
const isUnion = (value: unknown): value is { readonly value: unknown } =>
  value instanceof k8s.Quantity || value instanceof k8s.IntOrString

/**
 * Compares what a construct was given with what it became: every value that was given must stand in the JSON, at its place. So a
 * misspelled or unknown field, a quantity given as a string and a value that changed on the way are all found.
 */
export function lostFields(object: ApiObject, json: Rendered, outputs: OutputResolver): Finding[] {
  // What the construct was given is private to it, and nothing else can tell what it should have become.
  const { props } = object as unknown as { readonly props: object }
  return lostFrom(nameOf(json), props, json, (output) => outputs.placeholder(output))
}

/** The same for any part of an object. `placeholder` says what an Output becomes. Default: it stays. */
export function lostFrom(
  name: string,
  props: object,
  json: object,
  placeholder: (output: Output<unknown>) => unknown = (output) => output,
): Finding[] {
  const findings: Finding[] = []
  const lost = (path: string, value: unknown, says: string): void => {
    findings.push({ path: `${name}: ${path}`, value, rule, purpose, message: `${name}: ${path} ${says}` })
  }
  const compare = (path: string, given: unknown, found: unknown): void => {
    if (given === undefined) return
    if (Output.isInstance(given)) {
      if (found !== placeholder(given)) lost(path, '[output]', 'was an Output and is lost.')
      return
    }
    if (isUnion(given)) {
      if (found !== given.value || given.value === '')
        lost(path, given.value, `should be ${JSON.stringify(given.value)} and is ${JSON.stringify(found)}.`)
      return
    }
    if (found === undefined || found === null) {
      lost(path, summary(given), 'was given and is not in the object.')
      return
    }
    if (Array.isArray(given)) {
      if (!Array.isArray(found) || found.length !== given.length)
        lost(
          path,
          summary(given),
          `was given with ${given.length} items and has ${Array.isArray(found) ? found.length : 'none'}.`,
        )
      else
        given.forEach((item, i) => {
          compare(`${path}[${i}]`, item, found[i])
        })
      return
    }
    if (given !== null && typeof given === 'object') {
      for (const [key, value] of Object.entries(given))
        compare(path ? `${path}.${key}` : key, value, fieldOf(found as object, key))
      return
    }
    if (!isDeepStrictEqual(given, found)) lost(path, summary(given), 'has another value in the object than was given.')
  }
  compare('', props, json)
  return findings
}

/** A value for a finding: its kind rather than its content, which may be secret. */
const summary = (value: unknown): string =>
  Array.isArray(value) ? `a list of ${value.length}` : `of type ${typeof value}`
