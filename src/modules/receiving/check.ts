import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { ImapFlow, MailboxObject } from 'imapflow'
import type { Reader } from '../../platform/database/schema.ts'
import type { Secrets } from '../../platform/secrets.ts'
import { checkPublished, cursorOf, domainOf, findSendingDomain, lookUpTxt, type MailboxRow } from '../mailboxes/index.ts'
import { createImapClient, type ImapServer, imapServerOf } from './imap-connection.ts'
import { explainTrouble } from './imap-trouble.ts'

/** One thing that was looked at. `mend` says what to do; null where nothing is to be done. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'failed'
  detail: string
  mend: string | null
}

export interface CheckDeps {
  db: Reader
  secrets: Pick<Secrets, 'key'>
  /** Whether mail is taken in by SMTP or LMTP, too. */
  hasDoor: boolean
  /** What the DNS says; that of this machine where it is not given. */
  dns?: Pick<Resolver, 'resolveMx'> & { resolveTxt: typeof lookUpTxt }
}

// A reply address adds so much: `+`, a number, a key, 26 characters, two dashes.
const LOCAL_PART_MAX = 28
const DNS_MS = 3000

/** Looks at everything that a mailbox needs to receive and to send, from the outside in. Writes nothing, here or there. */
export async function checkMailbox(mailbox: MailboxRow, deps: CheckDeps): Promise<Finding[]> {
  const resolver = new Resolver({ timeout: DNS_MS, tries: 2 })
  const dns = deps.dns ?? { resolveMx: (domain: string) => resolver.resolveMx(domain), resolveTxt: lookUpTxt }
  return [
    ...stateOf(mailbox),
    ...(await checkImap(mailbox, deps)),
    await checkMx(mailbox, dns.resolveMx),
    await checkDkim(mailbox, { db: deps.db, lookUp: dns.resolveTxt }),
    ...checkReplies(mailbox),
  ]
}

function stateOf({ enabled }: MailboxRow): Finding[] {
  return enabled === 1
    ? []
    : [warning('enabled', 'The mailbox is switched off.', 'PATCH /v1/mailboxes/{id} with {"enabled": true}.')]
}

async function checkImap(mailbox: MailboxRow, { db, secrets, hasDoor }: CheckDeps): Promise<Finding[]> {
  if (mailbox.imap_host === null)
    return hasDoor
      ? [ok('intake', 'Mail comes by SMTP or LMTP.')]
      : [
          warning(
            'intake',
            'Mail is neither fetched by IMAP, nor taken in by SMTP or LMTP: only what is posted to /v1/inbound comes in.',
            'Give the mailbox an `imap`, or set BECKON_SMTP_LISTEN or BECKON_LMTP_LISTEN.',
          ),
        ]
  const at = {
    host: mailbox.imap_host,
    port: mailbox.imap_port ?? 993,
    security: mailbox.imap_security ?? 'implicit',
    folder: mailbox.imap_folder ?? 'INBOX',
  }
  let client: ImapFlow | undefined
  try {
    const server = imapServerOf(mailbox, secrets)
    if (!server)
      return [failed('connection', 'The mailbox has no password.', 'PATCH /v1/mailboxes/{id} with {"imap": {"password": …}}.')]
    client = createImapClient(server)
    client.on('error', () => {})
    await client.connect()
    const findings = [connected(client, server)]
    const folder = await client.mailboxOpen(server.folder, { readOnly: true })
    findings.push(ok('folder', `${folder.path} holds ${folder.exists} mails.`), ...capabilities(client, folder, server))
    findings.push(...(await checkTarget(client, server)))
    const cursor = await cursorOf(db, mailbox)
    if (cursor?.last_error)
      findings.push(warning('reading', `The last time: ${cursor.last_error}`, 'If all else is well, it goes on within a minute.'))
    await client.logout()
    return findings
  } catch (error) {
    const { code, wrong, mend } = explainTrouble(error, at)
    return [failed(code === 'login' || code === 'folder' ? code : 'connection', wrong, mend)]
  } finally {
    client?.close()
  }
}

function connected({ secureConnection, tls }: ImapFlow, { host, port, user, security }: ImapServer): Finding {
  if (secureConnection)
    return ok('connection', `${user} is logged in at ${host}, port ${port}${tls ? `, over ${tls.version ?? 'TLS'}` : ''}.`)
  const detail = `${user} is logged in at ${host}, port ${port}, in clear text.`
  const isNear = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  return isNear || security !== 'none'
    ? ok('connection', detail)
    : warning(
        'connection',
        `${detail} Whoever is in between reads the password and all mail.`,
        'Set `security` to `implicit` or `starttls`.',
      )
}

function capabilities({ capabilities }: ImapFlow, { permanentFlags }: MailboxObject, { after }: ImapServer): Finding[] {
  const findings: Finding[] = []
  if (!capabilities.has('IDLE'))
    findings.push(
      warning('idle', 'The server does not tell of new mail by itself (IDLE): it is seen after up to two minutes.', null),
    )
  if (!capabilities.has('UIDPLUS') && (after === 'delete' || (after.startsWith('move:') && !capabilities.has('MOVE'))))
    findings.push(
      warning(
        'uidplus',
        'The server cannot expunge single mails (UIDPLUS): mail is marked as deleted, and stays until somebody expunges it.',
        null,
      ),
    )
  if (
    after === 'seen' &&
    permanentFlags &&
    permanentFlags.size > 0 &&
    !permanentFlags.has('\\Seen') &&
    !permanentFlags.has('\\*')
  )
    findings.push(warning('flags', 'The server does not let mail be marked as read.', 'Set `after` to `keep`.'))
  return findings
}

async function checkTarget(client: ImapFlow, { after }: ImapServer): Promise<Finding[]> {
  if (!after.startsWith('move:')) return []
  const target = after.slice('move:'.length)
  const folders = await client.list()
  return folders.some(({ path }) => path === target)
    ? [ok('target', `Mail is moved to ${target}.`)]
    : [failed('target', `There is no folder ${target} to move mail to.`, 'Make it on the server, or correct its name.')]
}

async function checkMx({ address }: MailboxRow, resolveMx: Resolver['resolveMx']): Promise<Finding> {
  const domain = domainOf(address)
  try {
    const hosts = (await resolveMx(domain)).sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange)
    if (hosts.every((host) => host === ''))
      return failed(
        'mx',
        `${domain} says that it takes no mail at all (RFC 7505).`,
        'Publish MX records that name your mail server.',
      )
    return ok('mx', `Mail to ${domain} goes to ${hosts.slice(0, 5).join(', ')}.`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENODATA')
      return warning('mx', `${domain} has no MX record: mail goes to its own address, if it has one.`, 'Publish an MX record.')
    if (code === 'ENOTFOUND')
      return failed('mx', `The DNS knows no ${domain}: nobody can write to it.`, 'Correct the address, or publish the domain.')
    return warning(
      'mx',
      `The DNS did not say where mail to ${domain} goes${code === '' ? '' : ` (${code})`}.`,
      'Look at the DNS settings of this machine.',
    )
  }
}

async function checkDkim({ address }: MailboxRow, { db, lookUp }: { db: Reader; lookUp: typeof lookUpTxt }): Promise<Finding> {
  const domain = domainOf(address)
  const row = await findSendingDomain(db, domain)
  if (!row)
    return warning(
      'dkim',
      `Mail from ${domain} is not signed by Beckon.`,
      'POST /v1/sending-domains, unless the server that sends it signs.',
    )
  const name = `${row.selector}._domainkey.${row.domain}`
  const publish = `Publish the TXT record that GET /v1/sending-domains/${row.id} shows.`
  const { state } = await checkPublished(row, lookUp)
  switch (state) {
    case 'published':
      return row.enabled === 1
        ? ok('dkim', `${name} is published.`)
        : warning(
            'dkim',
            `${name} is published, but signing is switched off.`,
            'PATCH the sending domain with {"enabled": true}.',
          )
    case 'different':
      return failed('dkim', `${name} has another key: signatures are taken for forged.`, publish)
    case 'missing':
      return failed('dkim', `${name} is not published: signatures cannot be checked.`, publish)
    case 'unknown':
      return warning('dkim', `The DNS did not say whether ${name} is published.`, 'Look at the DNS settings of this machine.')
  }
}

function checkReplies({ address, plus_addressing }: MailboxRow): Finding[] {
  if (plus_addressing === 0)
    return [
      warning(
        'replies',
        'Replies are known by their headers only, which some mail programs drop.',
        'If mail to name+anything@… arrives in this mailbox, PATCH it with {"plus_addressing": true}.',
      ),
    ]
  const local = address.slice(0, address.lastIndexOf('@'))
  return local.length <= LOCAL_PART_MAX
    ? []
    : [
        warning(
          'replies',
          'The address is too long for reply addresses (RFC 5321 allows 64 characters before the @).',
          'Use a shorter address.',
        ),
      ]
}

function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, mend: null }
}

function warning(check: string, detail: string, mend: string | null): Finding {
  return { check, state: 'warning', detail, mend }
}

function failed(check: string, detail: string, mend: string): Finding {
  return { check, state: 'failed', detail, mend }
}
