import { allProblems } from '../src/platform/problems.ts'
import '../src/app.ts'

/** `docs/problems.md`, made from the declared problems. */
export function renderProblemsDocs(): string {
  const rows = allProblems()
    .toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
    .map(({ code, status, title }) => `| ${status} | \`${code}\` | ${title.replaceAll('|', '\\|')} |`)
  return `# Problems

Every answer that is neither 2xx nor 304 is \`application/problem+json\` (RFC 9457) with one of these codes. Decide by \`code\`: it is
kept for ever, while words may change. \`detail\` says what it was in this case, \`errors\` where it stands (\`pointer\` into the body, or
\`parameter\`), and \`type\` leads to a page about the code.

| status | code | what it means, and what to do |
| --- | --- | --- |
${rows.join('\n')}
`
}
