import { writeTogether } from '../../platform/together.ts'
import type { Transact } from '../../platform/transaction.ts'
import { type Ending, finishMail } from './commands/finish-mail.ts'
import type { OutboundMailRow } from './tables.ts'

const MOST = 32

/** Writes down how tries ended, those that end at the same time together. Answers whether the lease still held. */
export function createEndings(transact: Transact): (one: { mail: OutboundMailRow; ending: Ending }) => Promise<boolean> {
  return writeTogether({
    most: MOST,
    write: (batch: readonly { mail: OutboundMailRow; ending: Ending }[]) =>
      transact(async (tx) => {
        const held: boolean[] = []
        for (const { mail, ending } of batch) held.push(await finishMail(tx, mail, ending))
        return held
      }),
  })
}
