import type { Static } from 'typebox'
import { fromTime } from '../../../platform/codecs.ts'
import { invalidField } from '../../../platform/problems.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { sealPassword } from '../mailbox-password.ts'
import type { MailboxPatch } from '../schema.ts'
import type { MailboxRow } from '../tables.ts'

type Columns = Pick<
  MailboxRow,
  'imap_host' | 'imap_port' | 'imap_security' | 'imap_user' | 'imap_password' | 'imap_folder' | 'imap_after' | 'imap_since'
>
type Given = Static<typeof MailboxPatch>['imap']

/** A mailbox whose mail is not fetched. */
export const noImap: Columns = {
  imap_host: null,
  imap_port: null,
  imap_security: null,
  imap_user: null,
  imap_password: null,
  imap_folder: null,
  imap_after: null,
  imap_since: null,
}

/**
 * Where mail is fetched from after somebody said so: what is absent stays as it is. A password is for the server that it was given
 * for: where that changes it must be given again.
 */
export function imapColumns(tx: Tx, row: Columns & { id: string }, given: Given, secrets: Pick<Secrets, 'key'>): Columns {
  if (given === undefined) return columnsOf(row)
  if (given === null) return noImap
  const isNew = row.imap_host === null
  const host = given.host ?? row.imap_host
  const user = given.user ?? row.imap_user
  if (host === null) throw invalidField('/imap/host', 'required', 'The mail server is missing.')
  if (user === null) throw invalidField('/imap/user', 'required', 'The user is missing.')
  const security = given.security ?? row.imap_security ?? 'implicit'
  const goesElsewhere = host !== row.imap_host || user !== row.imap_user
  if (given.password === undefined && (goesElsewhere || row.imap_password === null))
    throw invalidField('/imap/password', 'required', 'The password must be given for a new server or user.')
  return {
    imap_host: host,
    imap_port: given.port ?? (security === row.imap_security ? row.imap_port : null) ?? (security === 'implicit' ? 993 : 143),
    imap_security: security,
    imap_user: user,
    imap_password:
      given.password === undefined ? row.imap_password : sealPassword(secrets, { id: row.id, password: given.password }),
    imap_folder: given.folder ?? row.imap_folder ?? 'INBOX',
    imap_after: given.after ?? row.imap_after ?? 'keep',
    imap_since: sinceAfter(given.since, isNew ? tx.now : row.imap_since),
  }
}

function sinceAfter(given: string | null | undefined, otherwise: number | null): number | null {
  if (given === undefined) return otherwise
  return given === null ? null : (fromTime(given) ?? otherwise)
}

function columnsOf(row: Columns): Columns {
  const { imap_host, imap_port, imap_security, imap_user, imap_password, imap_folder, imap_after, imap_since } = row
  return { imap_host, imap_port, imap_security, imap_user, imap_password, imap_folder, imap_after, imap_since }
}
