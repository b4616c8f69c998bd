import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** The first line of the comment, by which it is found again: that of the report (`tools/preview`), said anew so that nothing need be installed here. */
export const marker = '<!-- neurodefender-preview -->'

/** GitHub's limit of a comment is 65,536 characters; the rest is for the frame around the report. */
const limit = 64_500

/**
 * The comment under a pull request. `report` was made by the pull request's own code, so it may hold anything: it is cut, loses control
 * characters and comments, and names nobody (an @ would send mail). GitHub itself takes scripts out of a comment.
 */
export function commentOf(report: string | undefined, about: { readonly run: string; readonly sha: string }): string {
  if (!/^https:\/\/[\w.-]+\/[\w./-]+$/.test(about.run) || !/^[0-9a-f]{40}$/.test(about.sha))
    throw new TypeError('The run or the revision is not one.')
  const text = report === undefined ? 'The preview made no report: its log says why.' : cleaned(report)
  return [
    marker,
    text,
    '',
    `<sub>Of ${about.sha}, [made](${about.run}) by this pull request's own code: a change of the preview itself can make it say anything. The HTML report is the run's artefact 'preview'.</sub>`,
  ].join('\n')
}

function cleaned(report: string): string {
  const text = report
    .normalize('NFC')
    // Control characters, and those that turn the direction of writing around.
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (one) => (one === '\n' || one === '\t' ? one : ''))
    .replace(marker, '')
    .trimStart()
    .replaceAll('<!--', '&lt;!--')
    .replaceAll(/@(?=\w)/g, '@\u200b')
  if (text.length <= limit) return text
  const cut = text.slice(0, limit)
  return `${cut.slice(0, cut.lastIndexOf('\n') + 1 || limit)}\n… the rest is in the artefact.`
}

/** `comment.ts --report FILE --run URL --sha SHA` prints the body for GitHub's API; `--marker` the line by which it is found again. */
if (import.meta.main) {
  const string = { type: 'string' } as const
  const options = { report: string, run: string, sha: string, marker: { type: 'boolean' } } as const
  const { report = '', run = '', sha = '', marker: only } = parseArgs({ options }).values
  const text = existsSync(report) ? readFileSync(report, 'utf8') : undefined
  console.log(only ? marker : JSON.stringify({ body: commentOf(text, { run, sha }) }))
}
