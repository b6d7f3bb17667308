// Prints what CHANGELOG.md says of a version, and fails where the repository is not ready to release it.
//   node tools/release-notes.ts v0.2.0
import { readFileSync } from 'node:fs'

/**
 * The notes of a version: what stands under its heading, `## 0.2.0 (2026-11-23)`. Throws where there is none, where it is empty, and
 * where something is left under `Unreleased`, which would be in the release without being told.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const heading = new RegExp(`^${RegExp.escape(version)} \\(\\d{4}-\\d{2}-\\d{2}\\)\\n`)
  const section = sections.find((one) => heading.test(one))
  if (section === undefined) throw new Error(`CHANGELOG.md has no heading "## ${version} (YYYY-MM-DD)".`)
  const left = sections.find((one) => one.startsWith('Unreleased'))
  if (left !== undefined && bodyOf(left) !== '') throw new Error('CHANGELOG.md has lines under "Unreleased": move them below.')
  const notes = bodyOf(section)
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`)
  return notes
}

function bodyOf(section: string): string {
  return section.slice(section.indexOf('\n') + 1).trim()
}

if (import.meta.main) {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const version = (process.argv[2] ?? '').replace(/^v/, '')
  const packaged = String(JSON.parse(read('package.json')).version)
  try {
    if (version !== packaged) throw new Error(`The tag says ${version}, and package.json ${packaged}.`)
    console.log(releaseNotes(read('CHANGELOG.md'), version))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
