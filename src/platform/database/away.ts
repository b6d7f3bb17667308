import { DatabaseAway, DatabaseFull, type Problem } from '../problems.ts'
import { isFull } from './errors.ts'

/** The problem that the caller is told while the database cannot be reached, or has no room left; the cause is for the log. */
export function awayFrom(cause: unknown): Problem {
  const problem = isFull(cause) ? DatabaseFull() : DatabaseAway({ headers: { 'Retry-After': '1' } })
  problem.cause = cause
  return problem
}
