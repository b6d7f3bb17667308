import type { Ground } from '../../platform/module.ts'
import { keepMail } from './commands/keep-mail.ts'
import type { Letter } from './letter.ts'
import { BadAddress, type DkimKey, toMime, toWireAddress } from './mime.ts'
import { ownMark } from './own-mark.ts'
import { type Failure, type Outcome, type Transport, toResponse } from './transport.ts'

/** A letter on its way, to one recipient. */
export interface Outgoing {
  letter: Letter
  /** Its Message-ID, with brackets: the same on every try. */
  header_id: string
  /** Names it in the development outbox: the same on every try. */
  outbox_id: string
  /** When it was written, epoch milliseconds. */
  date: number
  signal?: AbortSignal
}

/** The place where letters become mail: by a transport, or kept in the development outbox where there is none. */
export interface PostOffice {
  /** How many letters can leave at a time. */
  connections: number
  /** Sends a letter, or says why it could not be sent. Rejects only where Beckon itself fails. */
  post(outgoing: Outgoing): Promise<Outcome>
  /** Lets go of the connections. */
  close(): void
}

const OUTBOX_AT_A_TIME = 4
const kept: Outcome = { kind: 'accepted', smtp_code: null, enhanced_code: null, response: 'Kept in the development outbox.' }

/** Letters for a transport: composed, signed by the key of their sender's domain, and marked as ours. */
export function createPostOffice(
  { transact, secrets }: Pick<Ground, 'transact' | 'secrets'>,
  { transport, dkimKeyOf }: { transport: Transport | undefined; dkimKeyOf: (domain: string) => Promise<DkimKey | undefined> },
): PostOffice {
  return {
    connections: transport?.connections ?? OUTBOX_AT_A_TIME,
    async post({ letter, header_id, outbox_id, date, signal }) {
      const envelope = envelopeOf(letter)
      if ('kind' in envelope) return envelope
      if (transport === undefined) {
        await transact((tx) => keepMail(tx, { outbox_id, header_id, letter }))
        return kept
      }
      const key = await dkimKeyOf(envelope.from.slice(envelope.from.lastIndexOf('@') + 1))
      const raw = await toMime(letter, { header_id, date, key, mark: ownMark(secrets, header_id) })
      return transport.send({ envelope, raw, signal })
    },
    close: () => transport?.close(),
  }
}

/** Bounces come back to the address that it is from, which is read. */
function envelopeOf(letter: Letter): { from: string; to: string } | Failure {
  try {
    return { from: toWireAddress(letter.from.address), to: toWireAddress(letter.to.address) }
  } catch (error) {
    if (!(error instanceof BadAddress)) throw error
    const said = { smtp_code: null, enhanced_code: '5.1.3', response: toResponse(error.message) }
    return { kind: 'permanent', stage: 'recipient', ...said }
  }
}
