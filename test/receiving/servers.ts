// A real Dovecot and a real Postfix for one run: on loopback, with their own settings in a folder that is gone afterwards.
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Child, freePort, startChild } from '../chaos/node.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
export const PASSWORD = 'mail-test-password'

const needed = [
  { program: '/usr/sbin/dovecot', of: 'dovecot-core' },
  { program: '/usr/lib/dovecot/imap', of: 'dovecot-imapd' },
  { program: '/usr/lib/dovecot/lmtp', of: 'dovecot-lmtpd' },
  { program: '/usr/sbin/postfix', of: 'postfix' },
  { program: '/usr/bin/openssl', of: 'openssl' },
]

/** What to do before this can run; undefined where nothing is missing. */
export function whatIsMissing(): string | undefined {
  const packages = needed.filter(({ program }) => !existsSync(program)).map(({ of }) => of)
  if (packages.length > 0)
    return `Missing: ${packages.join(', ')}. On Debian: apt-get install -y --no-install-recommends ${packages.join(' ')} (what they start by themselves is not needed, and can be stopped).`
  return isRoot ? undefined : 'Postfix can only be started by root: run this as root, in a container for instance.'
}

/** A certificate of its own authority for localhost: its file is what NODE_EXTRA_CA_CERTS names. */
export function makeCertificate(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, 'mail-key.pem'), join(folder, 'mail-cert.pem')]
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${key} -out ${cert} -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  return { key, cert }
}

/** An IMAP server that takes mail by LMTP, for any user with one password. */
export interface Dovecot {
  imaps: number
  lmtp: number
  start(): Promise<void>
  stop(): Promise<void>
  /** Forgets the numbers of a user's mails: the folder gets another UIDVALIDITY. Only while it is stopped. */
  forgetNumbers(user: string): void
  /** The files of a folder of a user; the flags stand at the end of their names. */
  files(user: string, folder?: string): string[]
}

export async function makeDovecot(folder: string, { key, cert }: { key: string; cert: string }): Promise<Dovecot> {
  const [imaps, lmtp] = [await freePort(), await freePort()]
  const home = join(folder, 'dovecot')
  mkdirSync(join(home, 'users'), { recursive: true })
  const nobody = Number(execFileSync('id', ['-u', isRoot ? 'nobody' : String(process.getuid?.())], { encoding: 'utf8' }))
  const group = Number(execFileSync('id', ['-g', isRoot ? 'nobody' : String(process.getuid?.())], { encoding: 'utf8' }))
  for (const path of [folder, home, join(home, 'users')]) chmodSync(path, 0o755)
  chownSync(join(home, 'users'), nobody, group)
  const name = isRoot ? undefined : execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
  writeFileSync(
    join(home, 'dovecot.conf'),
    `
base_dir = ${home}/run
state_dir = ${home}/state
log_path = ${home}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
mail_location = maildir:${home}/users/%n/mail:LAYOUT=fs
first_valid_uid = ${nobody}
last_valid_uid = ${nobody}
first_valid_gid = ${group}
last_valid_gid = ${group}
ssl = yes
ssl_cert = <${cert}
ssl_key = <${key}
ssl_dh =
auth_mechanisms = plain
mail_max_userip_connections = 50
recipient_delimiter = +
${name === undefined ? '' : `default_internal_user = ${name}\ndefault_login_user = ${name}\ndefault_internal_group = ${execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()}`}
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${nobody} gid=${group} home=${home}/users/%n
}
${'namespace'} inbox {
  inbox = yes
  separator = /
  mailbox Done {
    auto = create
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = ${imaps}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtp}
  }
}
`,
  )
  let child: Child | undefined
  return {
    imaps,
    lmtp,
    async start() {
      child = startChild(['/usr/sbin/dovecot', '-F', '-c', join(home, 'dovecot.conf')], {
        env: { PATH: process.env.PATH ?? '' },
        logFile: join(home, 'out.log'),
      })
      await answering(imaps, child, () => `${readIfThere(join(home, 'out.log'))}\n${readIfThere(join(home, 'dovecot.log'))}`)
      await answering(lmtp, child, () => readIfThere(join(home, 'dovecot.log')))
    },
    async stop() {
      child?.kill('SIGTERM')
      await child?.ended
    },
    forgetNumbers(user) {
      for (const file of readdirSync(join(home, 'users', user, 'mail')))
        if (file.startsWith('dovecot')) rmSync(join(home, 'users', user, 'mail', file), { recursive: true })
    },
    files(user, inner) {
      const mail = join(home, 'users', user, 'mail', inner ?? '')
      return ['cur', 'new'].flatMap((part) => (existsSync(join(mail, part)) ? readdirSync(join(mail, part)) : []))
    },
  }
}

/** A mail server that relays what stands in `routes`, by domain, and tries again every few seconds. */
export interface Postfix {
  smtp: number
  start(): Promise<void>
  stop(): Promise<void>
  /** How many mails wait in it. */
  waiting(): Promise<number>
  /** Has it try again now. */
  flush(): Promise<void>
}

export async function makePostfix(folder: string, routes: Record<string, string>): Promise<Postfix> {
  const smtp = await freePort()
  const home = join(folder, 'postfix')
  for (const path of ['conf', 'spool', 'data']) mkdirSync(join(home, path), { recursive: true })
  for (const path of [folder, home, join(home, 'conf'), join(home, 'spool')]) chmodSync(path, 0o755)
  await run('chown', ['postfix', join(home, 'data')])
  const transports = Object.entries(routes).map(([domain, to]) => `{ ${domain} = ${to} }`)
  writeFileSync(
    join(home, 'conf', 'main.cf'),
    `
compatibility_level = 3.6
queue_directory = ${home}/spool
data_directory = ${home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = ${home}
maillog_file = ${home}/postfix.log
myhostname = relay.mail.test
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains =
transport_maps = inline:{ ${transports.join(', ')} }
smtp_tls_security_level = may
smtp_host_lookup = native
minimal_backoff_time = 2s
maximal_backoff_time = 5s
queue_run_delay = 2s
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
anvil_rate_time_unit = 60s
`,
  )
  writeFileSync(
    join(home, 'conf', 'master.cf'),
    `
127.0.0.1:${smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`,
  )
  const conf = join(home, 'conf')
  let child: Child | undefined
  return {
    smtp,
    async start() {
      // Makes the folders of the queue, and stays in the foreground.
      await run('postfix', ['-c', conf, 'check']).catch(() => undefined)
      child = startChild(['/usr/lib/postfix/sbin/master', '-c', conf, '-d'], {
        env: { PATH: process.env.PATH ?? '', MAIL_CONFIG: conf },
        logFile: join(home, 'out.log'),
      })
      await answering(smtp, child, () => `${readIfThere(join(home, 'out.log'))}\n${readIfThere(join(home, 'postfix.log'))}`)
    },
    async stop() {
      child?.kill('SIGTERM')
      await child?.ended
    },
    async waiting() {
      const { stdout } = await run('postqueue', ['-c', conf, '-j'], { maxBuffer: 1e9 })
      return stdout.split('\n').filter((line) => line !== '').length
    },
    flush: async () => void (await run('postqueue', ['-c', conf, '-f'])),
  }
}

async function answering(port: number, child: Child, log: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.hasEnded()) throw new Error(`a mail server ended at its start:\n${log()}`)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('error', () => resolve(false))
    const isThere = await promise
    socket.destroy()
    if (isThere) return
    await wait(50)
  }
  throw new Error(`nothing listens on port ${port}:\n${log()}`)
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
