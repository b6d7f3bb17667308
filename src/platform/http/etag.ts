import { InvalidParameter, VersionConflict } from '../problems.ts'

const TAGS = /^\s*(?:\*|(?:(?:W\/)?"[\x21\x23-\x7e]*")(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*)\s*$/

/** The entity tags of If-Match or If-None-Match (RFC 9110 §13.1), without their quotes; weak ones keep `W/`. */
export function parseEntityTags(header: string | undefined, name: string): readonly string[] | undefined {
  if (header === undefined) return undefined
  if (!TAGS.test(header)) {
    const detail = `${name} must be "*" or a list of quoted entity tags.`
    throw InvalidParameter({ detail, errors: [{ parameter: name, code: 'invalid', detail }] })
  }
  return header.split(',').map((tag) => tag.trim().replaceAll('"', ''))
}

/** Throws 412 unless the object still is as the caller read it. `etag` is the present one, without quotes. */
export function requireMatch(if_match: readonly string[] | undefined, etag: string, current_version: number): void {
  if (if_match === undefined || if_match.includes('*') || if_match.includes(etag)) return
  throw VersionConflict({ members: { current_version }, headers: { ETag: `"${etag}"` } })
}
