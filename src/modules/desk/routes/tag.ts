import { createHash } from 'node:crypto'
import { toJson } from '../../../platform/codecs.ts'

/** The entity tag of an object as it is shown; where the version is hidden, it moves only with what is shown. */
export function tagOf(shown: { version?: number } | undefined): string {
  if (shown?.version !== undefined) return `v${shown.version}`
  return `p${createHash('sha256').update(toJson(shown)).digest('base64url').slice(0, 16)}`
}
