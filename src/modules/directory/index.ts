import type { Actor } from '../../platform/actor.ts'
import type { Ground, Module } from '../../platform/module.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { UserRow } from './tables.ts'
import './tables.ts'

export interface NewUser {
  role: UserRow['role']
  name: string
  email: string
  /** Whether somebody showed that the address is this person's: it was verified, or an admin set it. */
  email_is_proven: boolean
  organization_id?: string | null
  organization_role?: 'member' | 'manager' | null
  external_id?: string | null
  metadata?: Record<string, string>
}

export async function createUser(_tx: Tx, _actor: Pick<Actor, 'type' | 'id'>, _user: NewUser): Promise<UserRow> {
  throw new Error('not yet')
}

export function createDirectory(_ground: Ground): Module {
  return { routes: [], pages: [], reactions: [] }
}
