import { join } from 'node:path'
import type { Mistake } from './platform/settings.ts'

/** How the connection to MySQL or MariaDB is protected: not, by a certificate that nobody checks, or by a checked one. */
export type DatabaseTls = 'off' | 'unverified' | 'verified'

/** Where the data is. MariaDB is `mysql` too: the server says itself what it is. */
export type DatabaseConfig =
  | { readonly engine: 'sqlite'; readonly path: string }
  | {
      readonly engine: 'mysql'
      readonly host: string
      readonly port: number
      readonly user: string
      readonly password: string
      readonly database: string
      readonly tls: DatabaseTls
    }

type Refusal = { readonly wrong: string; readonly todo: string }

/** What a database URL says; `tls` only if it does. */
export type DatabaseAddress =
  | { engine: 'sqlite'; path: string }
  | {
      engine: 'mysql'
      host: string
      port: number
      user: string
      password: string
      database: string
      tls: DatabaseTls | undefined
    }

const forms = 'Write sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/NAME.'
const escaping = `${forms} Special characters in the user name and password must be percent-encoded.`

/** Reads `sqlite:PATH`, `mysql://…` and `mariadb://…`. Says what is wrong without repeating the URL: it holds a password. */
export function readDatabaseUrl(text: string): { value: DatabaseAddress } | Refusal {
  if (text.startsWith('sqlite:')) return readSqlitePath(text.slice('sqlite:'.length))
  if (!/^(mysql|mariadb):\/\//.test(text)) return { wrong: 'It is neither an sqlite: nor a mysql:// URL.', todo: forms }
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || url.hash !== '') return { wrong: 'It is not a valid URL.', todo: escaping }

  const parts = decodeAll([url.hostname, url.username, url.password, url.pathname.slice(1)])
  if (parts === undefined) return { wrong: 'It has a % that does not stand for a character.', todo: escaping }
  const [host = '', user = '', password = '', database = ''] = parts
  if (user === '') return { wrong: 'It names no user.', todo: forms }
  if (database === '' || database.includes('/')) return { wrong: 'It must name one database after the host.', todo: forms }
  const tls = readTlsOption(url.searchParams)
  if (tls !== undefined && typeof tls !== 'string') return tls
  const port = url.port === '' ? 3306 : Number(url.port)
  return { value: { engine: 'mysql', host: host.replace(/^\[(.*)\]$/, '$1'), port, user, password, database, tls } }
}

type Parts = {
  dataDir: string
  databaseUrl: DatabaseAddress | undefined
  databaseHost: string | undefined
  databasePort: number | undefined
  databaseUser: string | undefined
  databasePassword: string | undefined
  databaseName: string | undefined
  databaseTls: DatabaseTls | undefined
}

/** The one database that the URL or the single settings name, or what is wrong with them together. */
export function chooseDatabase(parts: Parts): DatabaseConfig | Mistake[] {
  const { databaseUrl, databaseHost: host, databaseUser: user, databaseName: database, databaseTls } = parts
  const single = { HOST: host, PORT: parts.databasePort, USER: user, PASSWORD: parts.databasePassword, NAME: database }
  const set = Object.entries(single).flatMap(([name, value]) => (value === undefined ? [] : [`BECKON_DATABASE_${name}`]))

  if (databaseUrl !== undefined) {
    if (set.length > 0) {
      const wrong = `The database is named by a URL and by ${set.join(', ')} too.`
      return [{ setting: 'DATABASE_URL', wrong, todo: 'Keep either the URL or the single settings.' }]
    }
    if (databaseUrl.engine === 'sqlite') return databaseUrl
    if (databaseUrl.tls !== undefined && databaseTls !== undefined) {
      return [{ setting: 'BECKON_DATABASE_TLS', wrong: 'The database URL says it too.', todo: 'Say it in one place.' }]
    }
    return { ...databaseUrl, tls: databaseUrl.tls ?? databaseTls ?? 'off' }
  }

  if (set.length === 0) return { engine: 'sqlite', path: join(parts.dataDir, 'beckon.db') }
  if (host !== undefined && user !== undefined && database !== undefined) {
    const { databasePort: port = 3306, databasePassword: password = '' } = parts
    return { engine: 'mysql', host, port, user, password, database, tls: databaseTls ?? 'off' }
  }
  return Object.entries({ HOST: host, USER: user, NAME: database }).flatMap(([name, value]) => {
    if (value !== undefined) return []
    const wrong = `It is missing, while ${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set.`
    return [{ setting: `BECKON_DATABASE_${name}`, wrong, todo: 'Set it, or remove the others to use SQLite.' }]
  })
}

function readSqlitePath(rest: string): { value: DatabaseAddress } | Refusal {
  const path = rest.startsWith('///') ? rest.slice(2) : rest
  if (path === '') return { wrong: 'It names no file.', todo: 'Write sqlite:PATH, for example sqlite:./beckon.db.' }
  if (path.startsWith('//')) {
    return { wrong: 'A file has no host.', todo: 'Write sqlite:PATH, or sqlite:///PATH for one that starts at the root.' }
  }
  if (/[?#]/.test(path)) return { wrong: 'It has options, and there are none.', todo: 'Write sqlite:PATH without ? and #.' }
  return { value: { engine: 'sqlite', path } }
}

function decodeAll(texts: string[]): string[] | undefined {
  try {
    return texts.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

// As the platforms that hand out such URLs write it.
const tlsOptions = new Map<string, DatabaseTls>([
  ['tls=off', 'off'],
  ['tls=unverified', 'unverified'],
  ['tls=verified', 'verified'],
  ['ssl=false', 'off'],
  ['ssl=true', 'verified'],
  ['sslaccept=strict', 'verified'],
  ['ssl-mode=disabled', 'off'],
  ['ssl-mode=required', 'unverified'],
  ['ssl-mode=verify_ca', 'verified'],
  ['ssl-mode=verify_identity', 'verified'],
])

function readTlsOption(options: URLSearchParams): DatabaseTls | undefined | Refusal {
  if (options.size === 0) return undefined
  const tls = Array.from(options, ([name, value]) => tlsOptions.get(`${name}=${value}`.toLowerCase()))
  if (tls.length === 1 && tls[0] !== undefined) return tls[0]
  return { wrong: 'It has an option after ? that is not understood.', todo: `Use one of ${[...tlsOptions.keys()].join(', ')}.` }
}
