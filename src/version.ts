import { readFileSync } from 'node:fs'

/** The version of this Beckon, as package.json says it. */
export const version: string = readVersion()

function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (typeof content !== 'object' || content === null || !('version' in content)) throw new Error('package.json names no version')
  return String(content.version)
}
