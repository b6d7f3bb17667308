// IMAP against a real Dovecot and SMTP against a real Postfix, with Beckon killed in between: each mail is stored once.
//   npm run test:mail [-- --engine sqlite|mariadb --mails 1000 --kills 5]
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createTransport } from 'nodemailer'
import type { Database } from '../../src/platform/database/database.ts'
import { openDiskStore } from '../../src/platform/files/disk.ts'
import { databaseOn, sqliteIn } from '../chaos/engine.ts'
import {
  admin,
  type BeckonNode,
  between,
  bugsIn,
  freePort,
  type Json,
  logIn,
  mustSend,
  percentile,
  startNode,
  temporaryFolder,
} from '../chaos/node.ts'
import { type Dovecot, makeCertificate, makeDovecot, makePostfix, PASSWORD, type Postfix, whatIsMissing } from './servers.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    mails: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '5' },
  },
})
const mails = Number(values.mails)
const kills = Number(values.kills)
const engines = values.engine === undefined ? ['sqlite', 'mariadb'] : [values.engine]
const missing = whatIsMissing()
if (missing !== undefined) {
  console.error(missing)
  process.exit(2)
}

const complaints: string[] = []
const rows: Record<string, Record<string, number>> = {}
for (const engine of engines) rows[engine] = await onEngine(engine)
console.table(rows)
for (const complaint of complaints) console.error(complaint)
process.exit(complaints.length === 0 ? 0 : 1)

interface Scene {
  engine: string
  dovecot: Dovecot
  postfix: Postfix
  database: Database
  node(): BeckonNode
  token: string
  /** Kills Beckon a few times while `work` goes on. */
  killing(work: Promise<unknown>): Promise<void>
}

async function onEngine(engine: string): Promise<Record<string, number>> {
  const folder = temporaryFolder()
  const place = engine === 'sqlite' ? sqliteIn(folder) : await databaseOn()
  const certificate = makeCertificate(folder)
  const [port, smtp, lmtp] = [await freePort(), await freePort(), await freePort()]
  const dovecot = await makeDovecot(folder, certificate)
  const postfix = await makePostfix(folder, {
    'desk.test': `smtp:[127.0.0.1]:${smtp}`,
    'lmtp.desk.test': `lmtp:[127.0.0.1]:${lmtp}`,
    'people.test': `lmtp:[127.0.0.1]:${dovecot.lmtp}`,
  })
  await dovecot.start()
  await postfix.start()
  const start = () =>
    startNode({
      folder,
      port,
      databaseUrl: place.url,
      readyWithinMs: 120_000,
      env: {
        NODE_EXTRA_CA_CERTS: certificate.cert,
        BECKON_SMTP_LISTEN: `127.0.0.1:${smtp}`,
        BECKON_LMTP_LISTEN: `127.0.0.1:${lmtp}`,
        BECKON_SMTP_TLS_KEY_FILE: certificate.key,
        BECKON_SMTP_TLS_CERT_FILE: certificate.cert,
        BECKON_SMTP_MAILS_PER_MINUTE: '0',
        BECKON_MAIL_LIMIT_BYTES: '1000000',
        BECKON_MAIL_URL: `smtp://127.0.0.1:${postfix.smtp}`,
        BECKON_MAIL_FROM: 'Desk <desk@desk.test>',
      },
    })
  let node = await start()
  const database = await place.open()
  try {
    const scene: Scene = {
      engine,
      dovecot,
      postfix,
      database,
      node: () => node,
      token: await logIn(node.url, admin),
      async killing(work) {
        let isDone = false
        const end = work.finally(() => {
          isDone = true
        })
        for (let i = 0; i < kills && !isDone; i++) {
          await Promise.race([wait(between(1500, 4000)), end])
          node.kill('SIGKILL')
          await node.ended
          node = await start()
          console.log(`${engine}: killed, back after ${node.readyMs} ms`)
        }
        await end
      },
    }
    const row = { ...(await imap(scene)), ...(await smtpDoors(scene, folder)), ...(await leaving(scene)) }
    const exit = await node.stop()
    if (exit !== 0) complaints.push(`${engine}: told to stop, it exited with ${exit}`)
    complaints.push(...bugsIn(node.logged()).map((line) => `${engine}: ${line.slice(0, 500)}`))
    return row
  } finally {
    node.kill('SIGKILL')
    await node.ended
    await database.close()
    await postfix.stop()
    await dovecot.stop()
    await place.drop()
  }
}

/** Mails arrive at Dovecot while Beckon is killed: each is stored once, and moved. Then numbers change, and IDLE wakes. */
async function imap(scene: Scene): Promise<Record<string, number>> {
  const { engine, dovecot, database } = scene
  const moved = await makeMailbox(scene, 'moved@desk.test', { after: 'move:Done', user: 'moved' })
  const seen = await makeMailbox(scene, 'seen@desk.test', { after: 'seen', user: 'seen' })
  const began = performance.now()
  await scene.killing(
    (async () => {
      await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'moved@desk.test', ids: names('imap', mails) })
      await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'seen@desk.test', ids: names('seen', 100) })
    })(),
  )
  await until(
    'all mail is fetched',
    async () => (await countOf(database, moved)) >= mails && (await countOf(database, seen)) >= 100,
  )
  await until('all mail is moved', async () => dovecot.files('moved').length === 0)
  const seconds = (performance.now() - began) / 1000
  await checkEachOnce(scene, { mailbox_id: moved, ids: names('imap', mails) })
  await checkEachOnce(scene, { mailbox_id: seen, ids: names('seen', 100) })
  if (dovecot.files('moved', 'Done').length !== mails)
    complaints.push(`${engine}: ${dovecot.files('moved', 'Done').length} mails were moved`)
  await until('all mail is marked', async () => dovecot.files('seen').every((name) => /:2,[A-Z]*S/.test(name)))

  const latencies: number[] = []
  for (let i = 0; i < 10; i++) {
    await wait(300)
    const before = await countOf(database, seen)
    await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'seen@desk.test', ids: [`idle-${i}`] })
    const delivered = performance.now()
    await until('IDLE wakes', async () => (await countOf(database, seen)) > before, 5)
    latencies.push(Math.round(performance.now() - delivered))
  }
  // Dovecot itself gathers what is new for half a second before it tells.
  if (percentile(latencies, 0.5) > 1000) complaints.push(`${engine}: IDLE woke after ${latencies.join(', ')} ms`)

  // What lay there before is not taken in; what is too large is, as its header, and keeps nobody waiting.
  await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'fresh@desk.test', ids: names('old', 5) })
  await wait(2000)
  const fresh = await makeMailbox(scene, 'fresh@desk.test', { after: 'keep', user: 'fresh', since: undefined })
  await deliver({ port: dovecot.lmtp, lmtp: true, bytes: 1_500_000 }, { to: 'fresh@desk.test', ids: ['large'] })
  await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'fresh@desk.test', ids: names('new', 5) })
  await until('new mail is fetched', async () => (await countOf(database, fresh)) >= 6, 60)
  await checkEachOnce(scene, { mailbox_id: fresh, ids: ['large', ...names('new', 5)] })
  const large = await database.reader
    .selectFrom('inbound_mails')
    .selectAll()
    .where('header_id', '=', '<large@mail.test>')
    .executeTakeFirst()
  if (large?.state !== 'quarantined' || large.reason !== 'too_large' || large.size > 10_000)
    complaints.push(`${engine}: a mail that is too large is ${large?.state}, ${large?.reason}, ${large?.size} bytes`)

  await dovecot.stop()
  dovecot.forgetNumbers('seen')
  await wait(1100)
  await dovecot.start()
  await deliver({ port: dovecot.lmtp, lmtp: true }, { to: 'seen@desk.test', ids: names('later', 10) })
  await until('the folder that was made anew is read', async () => (await countOf(database, seen)) >= 120)
  await wait(2000)
  const ids = [...names('seen', 100), ...latencies.map((_, i) => `idle-${i}`), ...names('later', 10)]
  await checkEachOnce(scene, { mailbox_id: seen, ids })
  return {
    'IMAP: mails': mails,
    'IMAP: seconds, kills included': Math.round(seconds),
    'IDLE: median ms': percentile(latencies, 0.5),
    'IDLE: slowest ms': Math.max(...latencies),
  }
}

/** Postfix relays mails by SMTP and LMTP while Beckon is killed: each is stored once. */
async function smtpDoors(scene: Scene, folder: string): Promise<Record<string, number>> {
  const { engine, postfix, database } = scene
  const direct = await makeMailbox(scene, 'direct@desk.test')
  const local = await makeMailbox(scene, 'local@lmtp.desk.test')
  const began = performance.now()
  await scene.killing(
    (async () => {
      await Promise.all([
        deliver({ port: postfix.smtp, pace: mails / 12 }, { to: 'direct@desk.test', ids: names('smtp', mails) }),
        deliver({ port: postfix.smtp }, { to: 'local@lmtp.desk.test', ids: names('lmtp', 100) }),
      ])
    })(),
  )
  await until('Postfix is rid of all mail', async () => (await postfix.waiting()) === 0)
  const seconds = (performance.now() - began) / 1000
  await checkEachOnce(scene, { mailbox_id: direct, ids: names('smtp', mails) })
  await checkEachOnce(scene, { mailbox_id: local, ids: names('lmtp', 100) })
  const copies = await database.reader.selectFrom('inbound_mails').select('copies').where('copies', '>', 1).execute()

  // What is stored is what the rows say.
  const files = openDiskStore(join(folder, 'mail'))
  const kept = await database.reader.selectFrom('inbound_mails').select(['storage_key', 'sha256']).execute()
  for (const { storage_key, sha256 } of kept) {
    const digest = createHash('sha256')
    for await (const chunk of await files.read(storage_key)) digest.update(chunk)
    if (digest.digest('hex') !== sha256) complaints.push(`${engine}: ${storage_key} is not what its row says`)
  }
  files.close()
  return {
    'SMTP and LMTP: mails': mails + 100,
    'SMTP: seconds, kills included': Math.round(seconds),
    'came twice, kept once': copies.length,
    'stored in all': kept.length,
  }
}

/** Beckon's own mail leaves through Postfix and arrives in Dovecot. */
async function leaving({ engine, node, dovecot, postfix }: Scene): Promise<Record<string, number>> {
  const people = Array.from({ length: 3 }, (_, i) => `person${i}`)
  for (const name of people) {
    const body = { email: `${name}@people.test`, password: 'a quiet harbour at dawn', name }
    await mustSend(node().url, { method: 'POST', path: '/v1/auth/register', body })
  }
  await until('own mail arrives', async () => people.every((name) => dovecot.files(name).length > 0), 60)
  await wait(1000)
  const arrived = people.map((name) => dovecot.files(name).length)
  if (arrived.some((count) => count !== 1) || (await postfix.waiting()) > 0)
    complaints.push(`${engine}: own mail arrived ${arrived.join(', ')} times`)
  return { 'own mail arrived': arrived.length }
}

async function makeMailbox(
  { node, token, dovecot }: Scene,
  address: string,
  imap?: { user: string; after: string; since?: undefined },
): Promise<string> {
  const server = { host: 'localhost', port: dovecot.imaps, security: 'implicit', password: PASSWORD, since: null }
  const body = { address, name: address, ...(imap ? { imap: { ...server, ...imap } } : {}) }
  const made: Json = await mustSend(node().url, { method: 'POST', path: '/v1/mailboxes', token, body })
  return String(made.id)
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${kind}-${i}`)
}

/** Hands mails to a server, `pace` in a second, several at a time; what it refuses for a while is handed over again. */
async function deliver(
  { port, lmtp = false, pace = mails / 12, bytes = 0 }: { port: number; lmtp?: boolean; pace?: number; bytes?: number },
  { to, ids }: { to: string; ids: string[] },
): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    lmtp,
    pool: true,
    maxConnections: 4,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
  })
  const began = performance.now()
  const pending: Promise<unknown>[] = []
  for (const [i, id] of ids.entries()) {
    await wait(Math.max(0, began + (i / pace) * 1000 - performance.now()))
    pending.push(
      transport.sendMail({
        from: `Ada <ada@people.test>`,
        to,
        subject: `Mail ${id}`,
        messageId: `<${id}@mail.test>`,
        text: `It burns.\n${'More of it, and more. '.repeat(i % 40)}\n.\n${'x'
          .repeat(70)
          .concat('\n')
          .repeat(bytes / 71)}`,
        ...(i % 50 === 7 ? { attachments: [{ filename: 'smoke.bin', content: Buffer.alloc(200_000, i) }] } : {}),
      }),
    )
  }
  await Promise.all(pending)
  transport.close()
}

async function countOf(database: Database, mailbox_id: string): Promise<number> {
  const rows = await database.reader.selectFrom('inbound_mails').select('id').where('mailbox_id', '=', mailbox_id).execute()
  return rows.length
}

async function checkEachOnce(
  { engine, database }: Scene,
  { mailbox_id, ids }: { mailbox_id: string; ids: string[] },
): Promise<void> {
  const found = await database.reader
    .selectFrom('inbound_mails')
    .select('header_id')
    .where('mailbox_id', '=', mailbox_id)
    .execute()
  const counts = new Map<string, number>()
  for (const { header_id } of found) counts.set(header_id ?? '', (counts.get(header_id ?? '') ?? 0) + 1)
  const lost = ids.filter((id) => !counts.has(`<${id}@mail.test>`))
  const doubled = [...counts].filter(([, count]) => count > 1)
  if (lost.length > 0) complaints.push(`${engine}: ${lost.length} lost, among them ${lost.slice(0, 3)}`)
  if (doubled.length > 0) complaints.push(`${engine}: ${doubled.length} doubled, among them ${doubled[0]?.[0]}`)
  const known = new Set(ids.map((id) => `<${id}@mail.test>`))
  const more = [...counts.keys()].filter((id) => !known.has(id))
  if (more.length > 0) complaints.push(`${engine}: ${more.length} that nobody sent there, among them ${more.slice(0, 3)}`)
}

async function until(what: string, isSo: () => Promise<boolean>, seconds = 240): Promise<void> {
  const givenUp = performance.now() + seconds * 1000
  while (!(await isSo())) {
    if (performance.now() > givenUp) throw new Error(`not within ${seconds} s: ${what}`)
    await wait(15)
  }
}
