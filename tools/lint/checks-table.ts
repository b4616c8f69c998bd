import { checks } from '../../policies/checks/index.ts'

/** The checks as a table in Markdown: docs/policies.md holds it, and a test compares. */
export const checksTable = (): string =>
  [
    '| rule | binds | because |',
    '| --- | --- | --- |',
    ...checks.map(
      ({ rule, bindable, purpose }) =>
        `| \`${rule}\` | ${bindable ? 'where `binding` names it' : 'everywhere'} | ${purpose} |`,
    ),
  ].join('\n')
