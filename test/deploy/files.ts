import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')

/** The text of a file of this repository. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** What a YAML file of this repository says; throws where it is no YAML, or has a key twice. */
export function yamlOf<T>(path: string): T {
  return parse(textOf(path), { strict: true, uniqueKeys: true }) as T // each caller says what it expects, and looks
}

/** The files of this repository with such names. */
export function filesLike(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: root }).sort()
}
