import { Readable } from 'node:stream'
import SMTPConnection, { type Options } from 'nodemailer/lib/smtp-connection'
import { failureToConnect, failureToDeliver, type SmtpTrouble } from './smtp-answer.ts'
import { enhancedCodeIn, type Failure, type Outcome, type RawMail, toResponse } from './transport.ts'

const CHUNK_BYTES = 65_536

/** How long a server may take, milliseconds. */
export interface SmtpPatience {
  /** From the first command to the last byte of the message. */
  sendMs: number
  /**
   * For the answer to a message that was handed over whole (RFC 5321 §4.5.3.2.6: ten minutes). Who hangs up earlier sends the mail
   * a second time, to a server that has it already.
   */
  answerMs: number
}

/** A connection to a mail server, signed in. One mail at a time. */
export interface Session {
  /** How many mails went through it. */
  sent: number
  isOpen(): boolean
  /** `isSafeToRepeat`: the server has not seen the message, and gave no answer. */
  deliver(mail: RawMail): Promise<{ outcome: Outcome; isSafeToRepeat: boolean }>
  close(): void
}

/** Connects and signs in; or says why not. */
export async function openSession(
  options: Options,
  { auth, patience, signal }: { auth: object | undefined; patience: SmtpPatience; signal: AbortSignal | undefined },
): Promise<Session | Failure> {
  const connection = new SMTPConnection({ ...options, socketTimeout: patience.answerMs })
  const { promise, resolve } = Promise.withResolvers<SmtpTrouble | undefined>()
  let isOpen = true
  connection.on('error', (error: SmtpTrouble) => resolve(error))
  connection.on('end', () => {
    isOpen = false
    resolve({ message: 'The server closed the connection.' })
  })
  const timer = setTimeout(() => resolve({ message: 'The server took too long to let us in.' }), patience.sendMs)
  const onAbort = () => resolve({ message: 'Called back.' })
  signal?.addEventListener('abort', onAbort, { once: true })
  connection.connect((error) => {
    if (error) return resolve(error)
    if (auth === undefined) return resolve(undefined)
    connection.login(auth, (refused) => resolve(refused ?? undefined))
  })
  const trouble = await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  if (trouble) {
    connection.close()
    return failureToConnect(trouble)
  }
  const session: Session = {
    sent: 0,
    isOpen: () => isOpen,
    async deliver(mail) {
      session.sent++
      const { outcome, isSafeToRepeat } = await deliver(connection, mail, patience)
      // After an answer the next mail can go the same way; after silence nothing is sure.
      const isUsable = isOpen && (outcome.kind === 'accepted' || (outcome.smtp_code !== null && outcome.smtp_code !== 421))
      if (!isUsable || (outcome.kind !== 'accepted' && !(await reset(connection, patience)))) session.close()
      return { outcome, isSafeToRepeat }
    },
    close: () => {
      isOpen = false
      connection.close()
    },
  }
  return session
}

async function deliver(
  connection: SMTPConnection,
  { envelope, raw, signal }: RawMail,
  patience: SmtpPatience,
): Promise<{ outcome: Outcome; isSafeToRepeat: boolean }> {
  if (needsUtf8(envelope.from + envelope.to) && !takesUtf8(connection)) return { outcome: noUtf8, isSafeToRepeat: false }
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let isBegun = false
  let isHandedOver = false
  const message = Readable.from(
    chunksOf(raw, () => (isBegun = true)),
    { objectMode: false },
  )
  const giveUp = (why: string) => {
    resolve(failureToDeliver({ message: why }))
    connection.close()
  }
  let timer = setTimeout(giveUp, patience.sendMs, 'The server took too long.')
  const onAbort = () => {
    if (!isHandedOver) giveUp('Called back.')
  }
  message.once('end', () => {
    isHandedOver = true
    clearTimeout(timer)
    timer = setTimeout(giveUp, patience.answerMs, 'The server did not say whether it took the mail.')
  })
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const size = raw.length
  connection.send({ ...envelope, size, use8BitMime: false }, message, (error, info) => {
    if (error) return resolve(failureToDeliver(error))
    const response = info?.response ?? ''
    resolve({
      kind: 'accepted',
      smtp_code: Number(response.slice(0, 3)) || null,
      enhanced_code: enhancedCodeIn(response),
      response: toResponse(response),
      ...(info?.serverMessageId === undefined ? {} : { replaced_header_id: info.serverMessageId }),
    })
  })
  const outcome = await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  const isSafeToRepeat = !isBegun && outcome.kind !== 'accepted' && outcome.smtp_code === null && !signal?.aborted
  return { outcome, isSafeToRepeat }
}

function* chunksOf(raw: Buffer, onBegun: () => void): Generator<Buffer> {
  onBegun()
  for (let at = 0; at < raw.length; at += CHUNK_BYTES) yield raw.subarray(at, at + CHUNK_BYTES)
}

function reset(connection: SMTPConnection, { sendMs }: SmtpPatience): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, sendMs, false)
  const onEnd = (): void => resolve(false)
  connection.once('end', onEnd)
  connection.reset((error) => resolve(!error))
  return promise.finally(() => {
    clearTimeout(timer)
    connection.removeListener('end', onEnd)
  })
}

/** Whether an address has letters that only SMTPUTF8 carries (RFC 6531): a domain alone is written in ASCII. */
export function needsUtf8(address: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return /[^\u0000-\u007f]/.test(address)
}

function takesUtf8(connection: SMTPConnection): boolean {
  // Nodemailer knows what the server offers and tells it to nobody; it would send such an address to any server.
  return (connection as unknown as { _supportedExtensions: string[] })._supportedExtensions.includes('SMTPUTF8')
}

/** RFC 6531 §3.5: said where an address cannot be written for a server. */
export const noUtf8: Failure = {
  kind: 'permanent',
  stage: 'recipient',
  smtp_code: null,
  enhanced_code: '5.6.7',
  response: 'The mail server does not take addresses with letters beyond ASCII before the @ (SMTPUTF8).',
}
