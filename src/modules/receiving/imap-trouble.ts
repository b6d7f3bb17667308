/** What went wrong with a mail server. `code` is stable; `mend` says what to do. */
export interface Trouble {
  code:
    | 'name_unknown'
    | 'dns_away'
    | 'refused'
    | 'timeout'
    | 'unreachable'
    | 'certificate'
    | 'tls'
    | 'no_starttls'
    | 'login'
    | 'folder'
    | 'connection_lost'
    | 'secret'
    | 'storage_full'
    | 'other'
  wrong: string
  mend: string
}

interface Facts {
  message?: string
  code?: string
  authenticationFailed?: boolean
  tlsFailed?: boolean
  mailboxMissing?: boolean
  serverResponseCode?: string
  responseText?: string
  responseStatus?: string
  reason?: unknown
  cause?: unknown
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME|ISSUER/
const TLS = /ERR_SSL|ERR_TLS|EPROTO|WRONG_VERSION|UPGRADE_TIMEOUT/

/** Says in words for an operator what an error of a mail server means. */
export function explainTrouble(error: unknown, at: { host: string; port: number; security: string; folder: string }): Trouble {
  const facts: Facts = error instanceof Error ? error : { message: String(error) }
  const { code = '', message = '' } = facts
  const said = firstLine(facts.responseText ?? message)
  const place = `${at.host}, port ${at.port}`
  if (code === 'ENOTFOUND')
    return { code: 'name_unknown', wrong: `The DNS knows no ${at.host}.`, mend: 'Correct the name of the mail server.' }
  if (code === 'EAI_AGAIN')
    return {
      code: 'dns_away',
      wrong: `The DNS did not answer for ${at.host}.`,
      mend: 'Look at the DNS settings of this machine, or wait.',
    }
  if (code === 'ECONNREFUSED')
    return {
      code: 'refused',
      wrong: `Nothing listens at ${place}.`,
      mend: 'Correct the port (993 with `implicit`, else 143), or start the server.',
    }
  if (CERTIFICATE.test(code))
    return {
      code: 'certificate',
      wrong: `The certificate of ${at.host} is not accepted: ${said} (${code}).`,
      mend: 'Use the name that stands in the certificate, have it renewed, or add its authority by NODE_EXTRA_CA_CERTS.',
    }
  if (facts.tlsFailed && /STARTTLS/i.test(message) && code === '') return noStartTls(place)
  if (TLS.test(code) || facts.tlsFailed)
    return {
      code: 'tls',
      wrong: `TLS with ${place} failed: ${said}${code === '' ? '' : ` (${code})`}.`,
      mend: '`implicit` is for port 993, `starttls` for port 143: set the one that the server has.',
    }
  if (facts.authenticationFailed || facts.serverResponseCode === 'AUTHENTICATIONFAILED')
    return {
      code: 'login',
      wrong: `The server refused user and password: ${said || 'without a reason'}.`,
      mend: 'Correct them. Where two factors are in use, make a password for this application.',
    }
  if (facts.mailboxMissing || facts.serverResponseCode === 'NONEXISTENT')
    return { code: 'folder', wrong: `There is no folder ${at.folder}.`, mend: 'Make it on the server, or correct its name.' }
  if (['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'ETIMEDOUT', 'ETIMEOUT'].includes(code))
    return {
      code: 'timeout',
      wrong: `${place} did not answer in time.`,
      mend: 'Look whether a firewall is in the way, and whether `implicit` and `starttls` are mixed up.',
    }
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'].includes(code))
    return { code: 'unreachable', wrong: `There is no way to ${place} (${code}).`, mend: 'Look at the network of this machine.' }
  if (/BECKON_SECRET/.test(message)) return { code: 'secret', wrong: `${said}.`, mend: 'PATCH the mailbox with its password.' }
  if (code === 'storage_full')
    return {
      code: 'storage_full',
      wrong: 'There is no room for more mail.',
      mend: 'Make room on the disk. Nothing is lost: it stays on the server.',
    }
  if (['NoConnection', 'EConnectionClosed', 'ECONNRESET', 'EPIPE', 'StateLogout'].includes(code) || /^ClosedAfter/.test(code))
    return { code: 'connection_lost', wrong: `${place} closed the connection.`, mend: 'It is tried again by itself.' }
  return {
    code: 'other',
    wrong: `${said || 'Something failed'}${code === '' ? '' : ` (${code})`}.`,
    mend: 'It is tried again by itself.',
  }
}

function noStartTls(place: string): Trouble {
  return {
    code: 'no_starttls',
    wrong: `${place} does not offer STARTTLS.`,
    mend: 'Use `implicit` with port 993, or have TLS switched on at the server.',
  }
}

function firstLine(text: string): string {
  return (
    text
      .split(/[\r\n]/, 1)[0]
      ?.slice(0, 300)
      .trim()
      .replace(/\.$/, '') ?? ''
  )
}
