import { fromBool } from '../../../platform/codecs.ts'
import { insertIfAbsent } from '../../../platform/database/dialect.ts'
import type { Announcement } from '../../../platform/events.ts'
import { newId } from '../../../platform/ids.ts'
import { sealBytes } from '../../../platform/sealed.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { announce } from '../../directory/index.ts'
import { addressKey } from '../address.ts'
import { sendingDomainCreated } from '../events.ts'
import { sendingDomainTaken } from '../problems.ts'
import { DKIM_KEYS } from '../queries.ts'
import type { SendingDomainRow } from '../tables.ts'

/** What a sending domain is made of; the keys are made beforehand, outside the transaction. */
export interface DomainParts {
  domain: string
  selector: string
  enabled: boolean
  pair: { private_key: string; public_key: string }
}

/** Keeps a new key for a domain, its private half under BECKON_SECRET. */
export async function createSendingDomain(
  tx: Tx,
  actor: Announcement['actor'],
  { parts, secrets }: { parts: DomainParts; secrets: Pick<Secrets, 'key'> },
): Promise<SendingDomainRow> {
  const id = newId('dom')
  const row: SendingDomainRow = {
    id,
    domain: addressKey(`@${parts.domain}`).slice(1),
    selector: parts.selector.toLowerCase(),
    private_key: sealBytes(secrets.key(DKIM_KEYS), Buffer.from(parts.pair.private_key), id),
    public_key: parts.pair.public_key,
    enabled: fromBool(parts.enabled),
    created_at: tx.now,
    updated_at: tx.now,
    version: 1,
  }
  if (!(await insertIfAbsent(tx.db, 'sending_domains', row))) throw sendingDomainTaken()
  announce(tx, sendingDomainCreated, { actor, row, data: { enabled: parts.enabled } })
  return row
}
