import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { openDesk } from '../../../test/desk.ts'
import { findMailbox } from '../mailboxes/index.ts'
import { explainTrouble } from './imap-trouble.ts'
import { checkMailbox } from './index.ts'

const at = { host: 'imap.example.com', port: 993, security: 'implicit', folder: 'INBOX' }
const failure = (message: string, more: object = {}) => Object.assign(new Error(message), more)

for (const [error, code] of [
  [failure('getaddrinfo ENOTFOUND', { code: 'ENOTFOUND' }), 'name_unknown'],
  [failure('getaddrinfo EAI_AGAIN', { code: 'EAI_AGAIN' }), 'dns_away'],
  [failure('connect ECONNREFUSED', { code: 'ECONNREFUSED' }), 'refused'],
  [failure('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', tlsFailed: true }), 'certificate'],
  [failure('certificate has expired', { code: 'CERT_HAS_EXPIRED' }), 'certificate'],
  [failure('wrong name', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'certificate'],
  [failure('wrong version number', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }), 'tls'],
  [failure('Server does not support STARTTLS', { tlsFailed: true }), 'no_starttls'],
  [failure('Command failed', { authenticationFailed: true, responseText: 'Authentication failed.' }), 'login'],
  [failure('Command failed', { mailboxMissing: true }), 'folder'],
  [failure('Timeout', { code: 'CONNECT_TIMEOUT' }), 'timeout'],
  [failure('no route', { code: 'EHOSTUNREACH' }), 'unreachable'],
  [failure('closed', { code: 'NoConnection' }), 'connection_lost'],
  [failure('The password cannot be decrypted: BECKON_SECRET is another one now.'), 'secret'],
  [failure('There is no room', { code: 'storage_full' }), 'storage_full'],
  [failure('odd\r\nSecond line'), 'other'],
  ['not even an error', 'other'],
] as const)
  test(`${error instanceof Error ? error.message.split('\r')[0] : error} is told as ${code}`, () => {
    const trouble = explainTrouble(error, at)

    assert.equal(trouble.code, code)
    assert.match(trouble.wrong, /^[^\r\n]+\.$/)
    assert.match(trouble.mend, /\.$/)
  })

test('a check says from the outside in what is wrong, and changes nothing', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.person({ role: 'admin' })
  const closed = createServer()
  const port = await new Promise<number>((resolve) =>
    closed.listen(0, '127.0.0.1', () => {
      const address = closed.address()
      closed.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    }),
  )
  const imap = { host: '127.0.0.1', port, user: 'support', password: 'secret' }
  const { body } = await admin.post('/v1/mailboxes', { address: 'support@example.com', name: 'Support', enabled: false, imap })
  const domain = (await admin.post('/v1/sending-domains', { domain: 'example.com' })).body
  const db = desk.database.reader
  const row = await findMailbox(db, body.id)
  assert.ok(row)
  await desk.announcements()
  const check = async (txt: string[][]) => {
    const dns = { resolveTxt: async () => txt, resolveMx: async () => [{ priority: 0, exchange: '' }] }
    const findings = await checkMailbox(row, { db, secrets: desk.secrets, hasDoor: false, dns })
    return findings.map(({ check, state }) => `${check} ${state}`)
  }

  assert.deepEqual(await check([]), ['enabled warning', 'connection failed', 'mx failed', 'dkim failed'])
  assert.deepEqual((await check([['v=DKIM1; p=other']])).at(-1), 'dkim failed')
  assert.deepEqual((await check([[domain.dns.value.slice(0, 200), domain.dns.value.slice(200)]])).at(-1), 'dkim ok')
  await desk.announced([])
})
