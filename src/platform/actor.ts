/** Whoever acts: a signed-in person, an API key, or Beckon itself. Loaded at most a second before it is used. */
export type Role = 'requester' | 'agent' | 'admin'

export interface Actor {
  type: 'user' | 'api_key' | 'system'
  /** `usr_…`, `key_…` or `system`. */
  id: string
  role: Role
  name: string
  /** What an API key is limited to; null where there is no limit. */
  scopes: readonly string[] | null
  session_id: string | null
  /** The organization whose tickets this actor sees as its manager. */
  managed_organization_id: string | null
  /** The organization that a person belongs to. */
  organization_id: string | null
  /** The queues that an agent works in: those of his teams and those without teams. */
  queue_ids: readonly string[]
}

/** Beckon itself, where nobody asked. */
export const systemActor: Actor = {
  type: 'system',
  id: 'system',
  role: 'admin',
  name: 'Beckon',
  scopes: null,
  session_id: null,
  managed_organization_id: null,
  organization_id: null,
  queue_ids: [],
}

export function isStaff(actor: Actor): boolean {
  return actor.role !== 'requester'
}
