import type { Actor, Role } from '../actor.ts'
import { Forbidden } from '../problems.ts'

/** Who may call an operation. */
export interface Access {
  roles: readonly Role[]
  /** What an API key needs; null: people only. */
  scope: string | null
  /** Another one that it needs, where the answer also shows what that scope is about. */
  and_scope?: string
}

/** Throws 403 for an actor who may not. */
export function requireAccess({ roles, scope, and_scope }: Access, { role, scopes }: Pick<Actor, 'role' | 'scopes'>): void {
  if (!roles.includes(role)) throw Forbidden()
  if (scopes === null) return
  if (scope === null) throw Forbidden({ detail: 'This operation is for people, not for API keys.' })
  if (scopes.includes('*')) return
  const lacking = [scope, and_scope].find((one) => one !== undefined && !scopes.includes(one))
  if (lacking !== undefined) throw Forbidden({ detail: `The API key lacks the scope ${lacking}.` })
}
