import type { Tx } from '../../../platform/transaction.ts'
import { findUser, holdOrganization } from '../../directory/index.ts'
import type { FieldType, FieldValue } from '../field.ts'

/** Whether what a value names is there, and stays until the transaction ends; true for types that name nothing. */
export async function holdReference(tx: Tx, type: FieldType, value: FieldValue): Promise<boolean> {
  // Users are never deleted.
  if (type === 'user') return (await findUser(tx.db, String(value)))?.active === 1
  return type === 'organization' ? holdOrganization(tx, String(value)) : true
}
