import type { Ground } from '../../platform/module.ts'
import type { Tx } from '../../platform/transaction.ts'
import type { Bringing } from '../attachments/index.ts'
import { createMailKeys } from '../mail/index.ts'
import { type Authenticated, createAuthenticate, type Resolve, systemResolve } from './authentication.ts'
import { classify } from './classification.ts'
import { applyBounce } from './commands/apply-bounce.ts'
import { applyMail, takesFiles, Undecided } from './commands/apply-mail.ts'
import { rememberStep } from './commands/remember-step.ts'
import type { Step } from './explain.ts'
import { type Examined, judge, mailboxOf, signOfOwn } from './judging.ts'
import type { ParsedMail } from './parsed-mail.ts'
import { senderOf } from './sender.ts'
import type { InboundMailRow } from './tables.ts'

/**
 * Brings a mail that was read to its end: `applied`, `ignored` or `quarantined`, in one transaction with everything that it does, and only
 * while the row's lease holds. Where it throws, the mail is tried again later.
 */
export type Process = (row: InboundMailRow, parsed: ParsedMail, raw: () => Promise<Buffer>) => Promise<void>

/** What deciding needs of the rest of the house. */
export interface ProcessingDeps extends Bringing {
  attachmentsPerMessage: number
  /** Asks for the records of domains; the name servers of this machine where it is not given. */
  resolve?: Resolve | undefined
}

/** Writes down where a mail is to go, and why. It is looked at once more when it goes there. */
async function route(tx: Tx, { row, classified, mailbox }: Examined, steps: readonly Step[]): Promise<void> {
  const changes = { state: 'routed' as const, classification: classified.kind, mailbox_id: mailbox?.id ?? row.mailbox_id }
  await rememberStep(tx, row, changes, ...steps)
}

const NOBODY: Authenticated = { aligned: false, by: 'sender', detail: null }
const TRIES = 3

/** From a mail to its effect: what kind it is, whose it is, where it belongs, and what he may. */
export function createProcessing(
  { transact, database, secrets, log }: Pick<Ground, 'transact' | 'database' | 'secrets' | 'log'>,
  { bring, attachmentsPerMessage, resolve = systemResolve() }: ProcessingDeps,
): Process {
  const keys = createMailKeys(secrets)
  const authenticate = createAuthenticate({ resolve, log })
  const db = database.reader

  const examine = async (row: InboundMailRow, mail: ParsedMail, raw: () => Promise<Buffer>): Promise<Examined> => {
    const classified = classify(mail, row.envelope_from)
    const sender = senderOf(mail)
    const own = await signOfOwn(db, { mail, sender, secrets, keys })
    const mailbox = await mailboxOf(db, row, mail)
    const isAsked = !own && classified.kind !== 'bounce' && 'domain' in sender
    const authserv_id = mailbox?.trusted_authserv_id ?? null
    const authenticated = isAsked ? await authenticate({ row, mail, from_domain: sender.domain, authserv_id, raw }) : NOBODY
    return { row, mail, classified, own, sender, authenticated, mailbox }
  }

  return async (row, mail, raw) => {
    const examined = await examine(row, mail, raw)
    const { classified, own } = examined
    if (!own && classified.kind === 'bounce') {
      await transact((tx) => route(tx, examined, [{ step: 'classified', ...classified }]))
      return transact((tx) => applyBounce(tx, { row, mail, keys, secrets }))
    }
    for (let tries = 1; ; tries++) {
      const routed = await judge(db, examined, keys)
      await transact((tx) => route(tx, examined, routed.steps))
      // Files are brought in before the transaction, and only where they are needed.
      const were_files_brought = takesFiles(routed.decision)
      const brought = were_files_brought ? await bring(mail.files.slice(0, attachmentsPerMessage)) : []
      try {
        return await transact((tx) => applyMail(tx, { examined, brought, keys, routed }))
      } catch (error) {
        if (!(error instanceof Undecided) || tries === TRIES) throw error
      }
    }
  }
}
