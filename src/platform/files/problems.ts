import { defineProblem, type Problem } from '../problems.ts'

export const StorageFull = defineProblem('storage_full', 507, 'There is no room for the file. Tell whoever runs the server.')
export const StorageUnavailable = defineProblem(
  'storage_unavailable',
  503,
  'The place where files are kept does not answer. Try again in a moment.',
)

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What a failure of a disk is to the caller; the failure itself is its cause, for the log. */
export function storageProblem(cause: unknown): Problem {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const problem = FULL.has(code) ? StorageFull() : StorageUnavailable({ headers: { 'Retry-After': '5' } })
  return Object.assign(problem, { cause })
}
