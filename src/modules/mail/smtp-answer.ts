import { enhancedCodeIn, type Failure, toResponse } from './transport.ts'

/** What nodemailer says of something that went wrong. */
export interface SmtpTrouble {
  message: string
  code?: string | undefined
  command?: string | undefined
  /** The first digits of the server's answer, where it gave one. */
  responseCode?: number | undefined
  response?: string | undefined
}

/** Why no session with the server came about. */
export function failureToConnect(trouble: SmtpTrouble): Failure {
  const stage = trouble.code === 'EAUTH' ? 'sign-in' : 'connection'
  // Nodemailer says what was tried, and then what the server said to it.
  return { kind: 'connection', stage, ...saidIn(trouble), response: toResponse(trouble.message) }
}

/** Why a mail was not taken in a session that had begun (RFC 5321 §4.2). */
export function failureToDeliver(trouble: SmtpTrouble): Failure {
  const said = saidIn(trouble)
  const { smtp_code } = said
  const stage = stageOf(trouble)
  if (smtp_code === null) {
    // Nodemailer would not even send it: no server ever takes such an address, or a mail of that size.
    if (trouble.code === 'EENVELOPE') return { kind: 'permanent', stage: 'recipient', ...said, enhanced_code: '5.1.3' }
    if (trouble.code === 'EMESSAGE') return { kind: 'permanent', stage: 'message', ...said, enhanced_code: '5.3.4' }
    return { kind: 'temporary', stage, ...said }
  }
  if (smtp_code < 500) return { kind: 'temporary', stage, ...said }
  // Who may send is a matter of our settings, and can be mended: no fault of the recipient.
  return { kind: stage === 'sender' || stage === 'connection' ? 'temporary' : 'permanent', stage, ...said }
}

function stageOf({ command }: SmtpTrouble): Failure['stage'] {
  if (command === 'MAIL FROM') return 'sender'
  if (command === 'RCPT TO') return 'recipient'
  return command === 'DATA' ? 'message' : 'connection'
}

function saidIn({ message, responseCode, response }: SmtpTrouble): Pick<Failure, 'smtp_code' | 'enhanced_code' | 'response'> {
  const smtp_code = responseCode !== undefined && responseCode >= 400 && responseCode <= 599 ? responseCode : null
  return { smtp_code, enhanced_code: enhancedCodeIn(response ?? ''), response: toResponse(response ?? message) }
}
