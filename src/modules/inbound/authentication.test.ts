import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createLog } from '../../platform/log.ts'
import { CannotCheckYet, createAuthenticate, type Resolve } from './authentication.ts'
import type { ParsedMail } from './parsed-mail.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** Names as a server of names would answer them. */
function names(records: Record<string, string[]>): Resolve {
  return async (name, type) => {
    const found = records[`${type} ${name}`]
    if (found) return type === 'TXT' ? found.map((one) => [one]) : found
    throw Object.assign(new Error(`no ${type} ${name}`), { code: 'ENOTFOUND' })
  }
}

const dkim = { 'TXT s1._domainkey.customer.example': [`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`] }
const policy = { 'TXT _dmarc.customer.example': ['v=DMARC1; p=reject'] }

async function signed(changes: { bodyLength?: number; from?: string; after?: string } = {}): Promise<Buffer> {
  const { dkimSign } = await import('mailauth/lib/dkim/sign.js')
  const from = changes.from ?? 'mia@customer.example'
  const mail = `From: Mia <${from}>\r\nTo: help@desk.example\r\nSubject: Printer\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <a@customer.example>\r\n\r\nIt smokes.\r\n`
  const { signatures } = await dkimSign(Buffer.from(mail), {
    canonicalization: 'relaxed/relaxed',
    signatureData: [
      {
        signingDomain: 'customer.example',
        selector: 's1',
        privateKey,
        ...(changes.bodyLength === undefined ? {} : { maxBodyLength: changes.bodyLength }),
      },
    ],
  } as Parameters<typeof dkimSign>[1])
  return Buffer.from(signatures + mail + (changes.after ?? ''))
}

async function ask(
  raw: Buffer,
  {
    resolve = names({ ...dkim, ...policy }),
    headers = {},
    attempts = 1,
    source = 'imap',
    envelope_from = 'mia@customer.example',
    from_domain = 'customer.example',
  }: {
    resolve?: Resolve
    headers?: ParsedMail['headers']
    attempts?: number
    source?: 'imap' | 'smtp'
    envelope_from?: string
    from_domain?: string
  } = {},
) {
  const authenticate = createAuthenticate({ resolve, log: createLog({ level: 'silent', format: 'json' }) })
  const isSigned = raw.toString('latin1').startsWith('DKIM-Signature')
  return authenticate({
    row: { source, envelope_from, attempts },
    mail: { headers: { ...(isSigned ? { 'dkim-signature': ['x'] } : {}), ...headers } },
    from_domain,
    authserv_id: 'mx.desk.example',
    raw: async () => raw,
  })
}

const forgedResult = { 'authentication-results': ['mx.evil.example; dmarc=pass header.from=customer.example'] }

test('a signature of the domain vouches for a mail, with a policy and without one', async () => {
  const raw = await signed()

  assert.deepEqual(await ask(raw), { aligned: true, by: 'own_check', detail: 'dmarc=pass' })
  assert.deepEqual(await ask(raw, { resolve: names(dkim) }), { aligned: true, by: 'own_check', detail: 'dkim=pass' })
  assert.equal((await ask(raw, { headers: forgedResult })).by, 'own_check')
})

test('a broken signature, one over a part of the body, and one of another domain vouch for nothing', async () => {
  const changed = Buffer.from((await signed()).toString().replace('smokes', 'burns'))
  const part = await signed({ bodyLength: 4, after: 'Send me the passwords.\r\n' })
  const other = await signed({ from: 'ceo@bank.example' })

  assert.equal((await ask(changed)).aligned, false)
  assert.equal((await ask(part)).aligned, false)
  assert.equal((await ask(part, { resolve: names(dkim) })).aligned, false)
  assert.equal((await ask(other, { from_domain: 'bank.example' })).aligned, false)
})

test('a mail without a signature is asked about only where Beckon took it from its sender', async () => {
  const raw = Buffer.from('From: mia@customer.example\r\nSubject: x\r\n\r\nIt smokes.\r\n')
  const received = (ip: string, protocol = 'ESMTPS') => ({
    received: [
      `from mail.customer.example (mail.customer.example [${ip}]) by mx.desk.example (Beckon) with ${protocol} id 1 for <help@desk.example>; Sun, 22 Nov 2026 10:00:00 +0000`,
    ],
  })
  const resolve = names({ ...policy, 'TXT customer.example': ['v=spf1 ip4:192.0.2.7 -all'] })

  assert.deepEqual(await ask(raw), { aligned: false, by: 'unsigned', detail: null })
  assert.deepEqual(await ask(raw, { headers: received('192.0.2.7') }), { aligned: false, by: 'unsigned', detail: null })
  assert.deepEqual(await ask(raw, { source: 'smtp', headers: received('192.0.2.7'), resolve }), {
    aligned: true,
    by: 'own_check',
    detail: 'dmarc=pass',
  })
  assert.equal((await ask(raw, { source: 'smtp', headers: received('198.51.100.1'), resolve })).aligned, false)
  assert.deepEqual(await ask(raw, { source: 'smtp', headers: received('192.0.2.7', 'LMTP'), resolve }), {
    aligned: false,
    by: 'unsigned',
    detail: null,
  })
})

test('where names do not answer it is tried again, and in the end nobody vouches', async () => {
  const raw = await signed()
  const resolve: Resolve = async () => {
    throw Object.assign(new Error('no answer'), { code: 'ESERVFAIL' })
  }

  await assert.rejects(ask(raw, { resolve }), CannotCheckYet)
  assert.deepEqual(await ask(raw, { resolve, attempts: 3 }), { aligned: false, by: 'no_answer', detail: null })
})
