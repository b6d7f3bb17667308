import { type Static, type TSchema, Type } from 'typebox'
import { type Announcement, defineEvent, type EventDefinition } from '../../platform/events.ts'
import { nullable, strict } from '../../platform/http/schemas.ts'
import type { Tx } from '../../platform/transaction.ts'

const changed = Type.Array(Type.String())
const routing = {
  role: Type.String(),
  active: Type.Boolean(),
  organization_id: nullable(Type.String()),
}

/** Somebody has an account now. */
export const userCreated = defineEvent('user.created', strict(routing))

/** Something of a user changed: `changed` names the keys, the rest is as it is now. Never a name or an address. */
export const userUpdated = defineEvent('user.updated', strict({ changed, ...routing }))

/** A customer company was entered. */
export const organizationCreated = defineEvent('organization.created', strict({}))

/** Something of an organization changed: `changed` names the keys. */
export const organizationUpdated = defineEvent('organization.updated', strict({ changed }))

/** An organization is gone. */
export const organizationDeleted = defineEvent('organization.deleted', strict({}))

/** A group of agents was made. */
export const teamCreated = defineEvent('team.created', strict({}))

/** Something of a team changed, its members aside: `changed` names the keys. */
export const teamUpdated = defineEvent('team.updated', strict({ changed }))

/** A team is gone. */
export const teamDeleted = defineEvent('team.deleted', strict({}))

const member = strict({ user_id: Type.String() })

/** An agent joined a team, and works in its queues from now on. */
export const teamMemberAdded = defineEvent('team.member_added', member)

/** An agent left a team, or is no agent any more. */
export const teamMemberRemoved = defineEvent('team.member_removed', member)

/** Announces something about a user, an organization or a team; all of it is for staff. */
export function announce<S extends TSchema>(
  tx: Tx,
  event: EventDefinition<S>,
  about: { actor: Announcement['actor']; row: { id: string; version: number }; data: Static<S>; previous?: object },
): void {
  const { actor, row, data, previous } = about
  tx.announce(event, {
    actor,
    subject: { type: event.type.split('.', 1)[0] ?? '', id: row.id, version: row.version },
    visibility: 'internal',
    data,
    ...(previous ? { previous: { ...previous } } : {}),
  })
}
