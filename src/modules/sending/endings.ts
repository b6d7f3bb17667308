import type { Transact } from '../../platform/transaction.ts'
import { type Ending, finishMail } from './commands/finish-mail.ts'
import type { OutboundMailRow } from './tables.ts'

const MOST = 32

interface Written {
  mail: OutboundMailRow
  ending: Ending
  done: PromiseWithResolvers<boolean>
}

/**
 * Writes down how tries ended: those that end while others are being written go together into the next transaction, because each commit
 * waits for the disk. Answers of each whether its lease still held. One that cannot be written fails alone.
 */
export function createEndings(transact: Transact): (mail: OutboundMailRow, ending: Ending) => Promise<boolean> {
  const waiting: Written[] = []
  let isWriting = false

  const writeAll = async (): Promise<void> => {
    isWriting = true
    try {
      while (waiting.length > 0) await write(waiting.splice(0, MOST))
    } finally {
      isWriting = false
    }
  }
  const write = async (batch: readonly Written[]): Promise<void> => {
    try {
      const held = await transact(async (tx) => {
        const each: boolean[] = []
        for (const { mail, ending } of batch) each.push(await finishMail(tx, mail, ending))
        return each
      })
      for (const [i, { done }] of batch.entries()) done.resolve(held[i] === true)
    } catch (error) {
      if (batch.length === 1) batch[0]?.done.reject(error)
      else for (const one of batch) await write([one])
    }
  }
  return (mail, ending) => {
    const done = Promise.withResolvers<boolean>()
    waiting.push({ mail, ending, done })
    if (!isWriting) void writeAll()
    return done.promise
  }
}
