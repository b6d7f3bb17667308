import { DatabaseAway } from '../problems.ts'

/** The problem that the caller is told while the database cannot be reached; the cause is for the log. */
export function awayFrom(cause: unknown): Error {
  const problem = DatabaseAway({ headers: { 'Retry-After': '1' } })
  problem.cause = cause
  return problem
}
