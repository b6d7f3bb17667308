import { needsUtf8, noUtf8 } from './smtp-session.ts'
import { type Failure, type Outcome, type RawMail, type Transport, toResponse } from './transport.ts'

const WHOLE_MS = 60_000
const ANSWER_MAX = 10_000

/**
 * Mail by Mailgun's HTTP interface, which takes it as it is: `mailgun://KEY@DOMAIN`, `?region=eu` for the European one. For hosts that
 * block SMTP. `?endpoint=` names another server that speaks the same.
 */
export function createMailgun({ url, connections }: { url: string; connections: number }): Transport {
  const { hostname, username, searchParams } = new URL(url)
  const base = searchParams.get('endpoint') ?? `https://api${searchParams.get('region') === 'eu' ? '.eu' : ''}.mailgun.net`
  const target = `${base.replace(/\/+$/, '')}/v3/${hostname}/messages.mime`
  const authorization = `Basic ${Buffer.from(`api:${decodeURIComponent(username)}`).toString('base64')}`
  return {
    connections,
    async send({ envelope, raw, signal }: RawMail): Promise<Outcome> {
      if (needsUtf8(envelope.to)) return noUtf8
      const body = new FormData()
      body.set('to', envelope.to)
      body.set('message', new Blob([new Uint8Array(raw)], { type: 'message/rfc822' }), 'message.eml')
      const limit = AbortSignal.timeout(WHOLE_MS)
      try {
        const response = await fetch(target, {
          method: 'POST',
          headers: { authorization },
          body,
          redirect: 'error',
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        })
        return outcomeOfStatus(response.status, (await response.text()).slice(0, ANSWER_MAX))
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
        const said = toResponse(`${error instanceof Error ? error.message : String(error)}${cause}`)
        return { kind: 'connection', stage: 'connection', smtp_code: null, enhanced_code: null, response: said }
      }
    },
    close: () => {},
  }
}

/** What an HTTP status of Mailgun means for the mail. */
export function outcomeOfStatus(status: number, text: string): Outcome {
  const said = { smtp_code: null, enhanced_code: null, response: toResponse(`HTTP ${status} ${wordsOf(text)}`) }
  if (status >= 200 && status < 300) return { kind: 'accepted', ...said }
  const failed = (kind: Failure['kind'], stage: Failure['stage']): Failure => ({ kind, stage, ...said })
  switch (status) {
    case 400:
    case 422:
      return failed('permanent', 'recipient')
    case 413:
      return failed('permanent', 'message')
    case 401:
    case 403:
      return failed('connection', 'sign-in')
    // Of the account or of the domain, so of every mail: it waits until that is mended.
    default:
      return failed('connection', status === 404 || status === 402 ? 'sender' : 'connection')
  }
}

function wordsOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : text
  } catch {
    return text
  }
}
