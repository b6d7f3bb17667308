import { type Actor, isStaff } from '../../platform/actor.ts'
import { isEmailAddress } from '../../platform/http/validate.ts'
import { isId } from '../../platform/ids.ts'
import { Conflict, invalidField, Problem } from '../../platform/problems.ts'
import type { Tx } from '../../platform/transaction.ts'
import { createUser, EmailTaken, findUser, findUserByEmail, holdOrganization, type UserRow } from '../directory/index.ts'
import type { TicketRow } from './tables.ts'

/** For whom a ticket is raised: oneself, or as staff anybody, who gets a record without an account if he has none. */
export async function requesterOf(
  tx: Tx,
  actor: Actor,
  requester: { email: string; name?: string | undefined } | undefined,
): Promise<Pick<UserRow, 'id' | 'organization_id'>> {
  if (!requester) {
    if (actor.type !== 'user')
      throw invalidField('/requester', 'required', 'An API key raises tickets for somebody: name the requester.')
    return { id: actor.id, organization_id: actor.organization_id }
  }
  return findOrAdd(tx, actor, requester.email, requester.name)
}

export interface NewRequester {
  requester_id?: string | undefined
  requester?: { email: string; name?: string | undefined } | undefined
}

/**
 * Whose ticket it shall be from now on, by id or by address, and the organization to which it then belongs; nothing where it is his
 * already.
 */
export async function newRequesterOf(
  tx: Tx,
  actor: Actor,
  { ticket, changes: { requester_id, requester } }: { ticket: TicketRow; changes: NewRequester },
): Promise<Partial<Pick<TicketRow, 'requester_id' | 'organization_id'>>> {
  if (requester_id === undefined && requester === undefined) return {}
  if (requester_id !== undefined && requester !== undefined)
    throw invalidField('/requester', 'ambiguous', 'Name the requester by `requester_id` or by `requester`, not by both.')
  const person = requester
    ? await findOrAdd(tx, actor, requester.email, requester.name)
    : await findUser(tx.db, requester_id ?? '')
  // The organization stays, too: tickets do not follow somebody who moves.
  if (person?.id === ticket.requester_id) return {}
  if (person?.active !== 1)
    throw invalidField(requester ? '/requester' : '/requester_id', 'not_found', 'There is no such active person.')
  const { id, organization_id } = person
  // It stays until the transaction ends, unless it went in this very moment.
  if (organization_id !== null && !(await holdOrganization(tx, organization_id))) throw Conflict()
  return { requester_id: id, ...(organization_id === ticket.organization_id ? {} : { organization_id }) }
}

/**
 * The people that a list of ids and e-mail addresses names. Staff may name anybody; a requester colleagues of his own
 * organization, and learns nothing about others: unknown and foreign are the same.
 */
export async function peopleOf(tx: Tx, actor: Actor, named: readonly string[]): Promise<string[]> {
  const ids = new Set<string>()
  for (const [i, name] of named.entries()) {
    const id = await findPerson(tx, actor, name)
    if (id === undefined) throw invalidField(`/cc/${i}`, 'not_found', 'There is no such person whom you may add.')
    ids.add(id)
  }
  return [...ids]
}

/** A person whom this actor may add to a ticket, by id or e-mail address; undefined for unknown and foreign alike. */
export async function findPerson(tx: Tx, actor: Actor, name: string): Promise<string | undefined> {
  const isAddress = name.includes('@')
  const known = isAddress ? await findUserByEmail(tx.db, name) : isId('usr', name) ? await findUser(tx.db, name) : undefined
  if (!isStaff(actor)) return known && (known.id === actor.id || isColleague(actor, known)) ? known.id : undefined
  if (known) return known.id
  return isAddress && isEmailAddress(name) ? (await findOrAdd(tx, actor, name, undefined)).id : undefined
}

function isColleague(actor: Actor, { organization_id, active }: UserRow): boolean {
  return active === 1 && organization_id !== null && organization_id === actor.organization_id
}

async function findOrAdd(tx: Tx, actor: Actor, email: string, name: string | undefined): Promise<UserRow> {
  const known = await findUserByEmail(tx.db, email)
  if (known) return known
  try {
    return await createUser(tx, actor, {
      role: 'requester',
      name: name ?? email.split('@')[0] ?? email,
      email,
      email_is_proven: false,
    })
  } catch (error) {
    // Somebody else added him at the same moment.
    const added = error instanceof Problem && error.definition === EmailTaken ? await findUserByEmail(tx.db, email) : undefined
    if (!added) throw error
    return added
  }
}
