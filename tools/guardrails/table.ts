import { guardrails } from '../../policies/guardrails/rules/index.ts'

/** The rules as a table in Markdown: docs/guardrails.md holds it, and a test compares. */
export const guardrailsTable = (): string =>
  [
    '| rule | holds | severity | judged | frameworks |',
    '| --- | --- | --- | --- | --- |',
    ...guardrails.map(
      ({ name, title, severity, scope, judges, frameworks }) =>
        `| \`${name}\` | ${title} | ${severity} | ${scope === 'stack' ? 'together' : 'alone'}${judges === 'manifest' ? ', manifests too' : ''} | ${frameworks.join('; ')} |`,
    ),
  ].join('\n')
