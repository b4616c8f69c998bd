import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importFindings } from './imports.ts'

/** What is said of files with these texts, as 'file:line sentence'. */
const said = (files: Readonly<Record<string, string>>): string[] =>
  importFindings(Object.entries(files).map(([path, text]) => ({ path, text }))).map(
    ({ file, line, message }) => `${file}:${line} ${message}`,
  )

test('the one direction is allowed', () => {
  assert.deepEqual(
    said({
      'policies/scaling.ts': `import type { ScalingPolicy } from './model/scaling.ts'`,
      'policies/model/scaling.ts': '',
      'infra/kubernetes/quota.ts': `import { scaling } from '../../policies/scaling.ts'\nimport { App } from 'cdk8s'`,
      'services/common/bus.ts': `import { scaling } from '../../policies/scaling.ts'`,
      'services/siem/analytics/main.ts': `import { bus } from '../../common/bus.ts'\nimport { a } from './a.ts'`,
      'services/siem/analytics/a.ts': '',
      'stacks/local.ts': `import { quota } from '../infra/kubernetes/quota.ts'`,
      'tools/region/up.ts': `import '../../stacks/local.ts'\nimport '../../services/siem/analytics/main.ts'`,
      'infra/local/region.e2e.ts': `import { up } from '../../tools/region/up.ts'`,
    }),
    [],
  )
})

test('each way against it is refused, of values, types, dynamic imports and URLs', () => {
  const files = {
    'infra/a.ts': '',
    'policies/a.ts': '',
    'services/siem/a/a.ts': '',
    'stacks/a.ts': '',
    'tools/a.ts': '',
  }
  assert.deepEqual(
    said({
      ...files,
      'policies/b.ts': `// two\nimport type { A } from '../infra/a.ts'`,
      'policies/c.ts': `import fc from 'fast-check'\nimport { join } from 'node:path'`,
      'policies/c.test.ts': `import fc from 'fast-check'`,
      'policies/guardrails/pack.ts': `import { PolicyPack } from '@pulumi/policy'`,
      'infra/b.ts': `export * from '../services/siem/a/a.ts'`,
      'infra/c.ts': `const a = await import('../tools/a.ts')`,
      'infra/d.ts': `const entry = new ${'URL'}('../services/siem/a/a.ts', import.meta.url)`,
      'services/siem/b/b.ts': `import { a } from '../a/a.ts'\nimport { i } from '../../../infra/a.ts'`,
      'services/common/b.ts': `import { a } from '../siem/a/a.ts'`,
      'stacks/b.ts': `import { a } from '../tools/a.ts'`,
      'tools/b.ts': `import { a } from '../../elsewhere/a.ts'`,
    }),
    [
      "policies/b.ts:2 '../infra/a.ts' is in infra: policies may import nobody.",
      "policies/c.ts:1 'fast-check' is a package: policies imports nobody.",
      "policies/c.ts:2 'node:path' is a package: policies imports nobody.",
      "infra/b.ts:1 '../services/siem/a/a.ts' is in services: infra may import only policies.",
      "infra/c.ts:1 '../tools/a.ts' is in tools: infra may import only policies.",
      "infra/d.ts:1 '../services/siem/a/a.ts' is in services: infra may import only policies.",
      "services/siem/b/b.ts:1 '../a/a.ts' is another service's: what both need belongs into services/common.",
      "services/siem/b/b.ts:2 '../../../infra/a.ts' is in infra: services may import only policies.",
      "services/common/b.ts:1 '../siem/a/a.ts' is another service's: what both need belongs into services/common.",
      "stacks/b.ts:1 '../tools/a.ts' is in tools: stacks may import only infra and policies.",
      "tools/b.ts:1 '../../elsewhere/a.ts' leaves the repository.",
    ],
  )
})

test('the product needs no test, and imports what is there', () => {
  assert.deepEqual(
    said({
      'infra/a.ts': `import { fake } from './test/fake.ts'\nimport { gone } from './gone.ts'`,
      'infra/a.test.ts': `import { fake } from './test/fake.ts'`,
      'infra/test/fake.ts': '',
    }),
    [
      "infra/a.ts:1 './test/fake.ts' is part of a test: the product must not need it.",
      "infra/a.ts:2 './gone.ts' is not there: name an existing file.",
    ],
  )
})

test('what is mended is taken from where it is mended, but for its types', () => {
  const by = 'services/common/bus/kafka/kafkajs.ts'
  assert.deepEqual(
    said({
      [by]: `import kafkajs from 'kafkajs'`,
      'tools/a.ts': `import type { Kafka } from 'kafkajs'\nimport kafkajs from '../${by}'`,
      'tools/b.ts': `import type { A } from './a.ts'\nimport kafkajs, { type Kafka } from 'kafkajs'`,
      'services/common/c.ts': `const kafkajs = await import('kafkajs')`,
    }),
    ['tools/b.ts:2', 'services/common/c.ts:1'].map(
      (where) => `${where} 'kafkajs' is mended in ${by}: take its values from there.`,
    ),
  )
})
