import { generateKeyPairSync } from 'node:crypto'
import { systemActor } from '../../../platform/actor.ts'
import { toJson } from '../../../platform/codecs.ts'
import { insertRow } from '../../../platform/database/prepared.ts'
import { newId } from '../../../platform/ids.ts'
import type { Secrets } from '../../../platform/secrets.ts'
import type { Tx } from '../../../platform/transaction.ts'
import { signingKeyRotated } from '../events.ts'
import { wrapKey } from '../signing-keys.ts'

/**
 * Makes a new key for access tokens and retires the others: they sign no more, and verify until the last token that they
 * signed has expired. Other nodes follow within half a minute. The very first key is no news.
 */
export async function rotateSigningKey(tx: Tx, secrets: Secrets): Promise<{ kid: string }> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const kid = newId('kid')
  const retired = await tx.db
    .updateTable('signing_keys')
    .set({ retired_at: tx.now })
    .where('retired_at', 'is', null)
    .executeTakeFirstOrThrow()
  await insertRow(tx.db, 'signing_keys', {
    kid,
    public_jwk: toJson(publicKey.export({ format: 'jwk' })),
    private_wrapped: wrapKey(secrets, { kid, privateKey }),
    created_at: tx.now,
    retired_at: null,
  })
  if (retired.numUpdatedRows > 0n)
    tx.announce(signingKeyRotated, {
      actor: systemActor,
      subject: { type: 'signing_key', id: kid, version: 1 },
      visibility: 'internal',
      data: {},
    })
  return { kid }
}
