import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { chooseDatabase, type DatabaseConfig, type DatabaseTls, readDatabaseUrl } from './config-database.ts'
import {
  checkClamavUrl,
  checkEmail,
  checkHost,
  checkKeyPrefix,
  checkMailFrom,
  checkPublicUrl,
  maskUrl,
  readHeaders,
  readLongToken,
  readMailUrl,
  readMediaType,
  readNetwork,
  readOrigin,
  readPassword,
  readRedisUrl,
  readSecret,
  readToken,
} from './config-values.ts'
import type { S3Settings } from './platform/files/s3-client.ts'
import {
  addressSetting,
  booleanSetting,
  choiceSetting,
  flagOf,
  type Given,
  integerSetting,
  listSetting,
  type Mistake,
  readSettings,
  type Setting,
  type Settings,
  secretSetting,
  textSetting,
  type Values,
} from './platform/settings.ts'

/** Every setting. The order is that of the documentation; a key is its name in camel case. */
export const settings = {
  dataDir: textSetting({
    name: 'BECKON_DATA_DIR',
    kind: 'path',
    fallback: './beckon-data',
    about: 'The folder of everything that Beckon keeps in files: the SQLite database, attachments and the generated secret.',
  }),
  host: textSetting({
    name: 'BECKON_HOST',
    kind: 'IP address or host name',
    fallback: '127.0.0.1',
    about: 'The address to listen on; `0.0.0.0` or `::` for all, which an image sets itself.',
    check: checkHost,
  }),
  port: integerSetting({
    name: 'BECKON_PORT',
    platformName: 'PORT',
    fallback: 3000,
    min: 0,
    max: 65535,
    about: 'The port to listen on; 0 takes any that is free.',
  }),
  role: choiceSetting({
    name: 'BECKON_ROLE',
    choices: ['all', 'api', 'worker'],
    fallback: 'all',
    about:
      'What this process does: `api` answers requests and streams, `worker` sends and takes in mail, runs what is due, and serves no more than `/livez`, `/readyz`, `/version` and `/metrics`. SQLite has one process, which does it all.',
  }),
  publicUrl: textSetting({
    name: 'BECKON_PUBLIC_URL',
    platformName: 'RENDER_EXTERNAL_URL',
    kind: 'http or https URL',
    fallback: undefined,
    fallbackText: '`http://HOST:PORT`',
    about:
      'The address under which people reach Beckon, for links in mails and the API; setting it switches the development outbox off.',
    check: checkPublicUrl,
  }),
  trustedProxies: listSetting({
    name: 'BECKON_TRUSTED_PROXIES',
    kind: 'list of IP addresses and networks (`10.0.0.0/8`)',
    about: 'The proxies whose `X-Forwarded-For` is believed.',
    readItem: readNetwork,
  }),
  corsOrigins: listSetting({
    name: 'BECKON_CORS_ORIGINS',
    kind: 'list of origins (`https://app.example.com`)',
    about: 'The web apps on other origins whose pages may call the API.',
    readItem: readOrigin,
  }),

  databaseUrl: secretSetting({
    name: 'BECKON_DATABASE_URL',
    platformName: 'DATABASE_URL',
    kind: '`sqlite:PATH`, `mysql://USER:PASSWORD@HOST:PORT/NAME` or `mariadb://…`',
    fallbackText: '`beckon.db` in the data folder',
    about: 'The database; instead of the single settings below, never together with them.',
    read: readDatabaseUrl,
  }),
  databaseHost: textSetting({
    name: 'BECKON_DATABASE_HOST',
    kind: 'IP address or host name',
    fallback: undefined,
    about: 'The MySQL or MariaDB server; needs `BECKON_DATABASE_USER` and `BECKON_DATABASE_NAME` too.',
    check: checkHost,
  }),
  databasePort: integerSetting({
    name: 'BECKON_DATABASE_PORT',
    fallback: undefined,
    fallbackText: '`3306`',
    min: 1,
    max: 65535,
    about: 'The port of the MySQL or MariaDB server.',
  }),
  databaseUser: textSetting({
    name: 'BECKON_DATABASE_USER',
    fallback: undefined,
    about: 'The user name on the MySQL or MariaDB server.',
  }),
  databasePassword: secretSetting({
    name: 'BECKON_DATABASE_PASSWORD',
    kind: 'text',
    about: 'The password on the MySQL or MariaDB server.',
    read: (text) => ({ value: text }),
  }),
  databaseName: textSetting({
    name: 'BECKON_DATABASE_NAME',
    fallback: undefined,
    about: 'The name of the database on the MySQL or MariaDB server.',
  }),
  databaseTls: choiceSetting<DatabaseTls, undefined>({
    name: 'BECKON_DATABASE_TLS',
    choices: ['off', 'unverified', 'verified'],
    fallback: undefined,
    fallbackText: '`off`',
    about:
      'Whether the connection to the MySQL or MariaDB server is encrypted, and whether the server must prove its name (`NODE_EXTRA_CA_CERTS` adds a certificate authority).',
  }),
  databasePoolSize: integerSetting({
    name: 'BECKON_DATABASE_POOL_SIZE',
    fallback: 16,
    min: 1,
    max: 1000,
    about: 'How many connections one process keeps to the MySQL or MariaDB server.',
  }),

  secret: secretSetting({
    name: 'BECKON_SECRET',
    kind: 'text, at least 32 characters',
    fallbackText: 'generated in the data folder (SQLite only)',
    about: 'Wraps the signing keys, and all other secrets derive from it; MySQL and MariaDB require it, the same on every node.',
    read: readSecret,
  }),
  metricsToken: secretSetting({
    name: 'BECKON_METRICS_TOKEN',
    kind: 'text without spaces',
    about: 'The bearer token that may read `/metrics` from elsewhere than loopback.',
    read: readToken,
  }),

  mailUrl: secretSetting({
    name: 'BECKON_MAIL_URL',
    kind: '`smtp://USER:PASSWORD@HOST:587`, `smtps://…` or `mailgun://KEY@DOMAIN`, `?region=eu`',
    fallbackText: 'none: mail is kept in the development outbox',
    about: 'What sends mail: a server by SMTP, or Mailgun by HTTP for hosts that block SMTP; enough by itself.',
    read: readMailUrl,
  }),
  mailFrom: textSetting({
    name: 'BECKON_MAIL_FROM',
    kind: '`ada@example.com` or `Support <ada@example.com>`',
    fallback: undefined,
    fallbackText:
      'the user name of `BECKON_MAIL_URL` if it is an address, else `beckon@` the domain of Mailgun or the host of the public URL',
    about: 'The sender of mail.',
    check: checkMailFrom,
  }),
  mailConnections: integerSetting({
    name: 'BECKON_MAIL_CONNECTIONS',
    fallback: 20,
    min: 1,
    max: 200,
    about:
      'How many mails one node sends at a time, each over a connection of its own to the mail server. Half of them at most go to one domain.',
  }),
  mailRetentionDays: integerSetting({
    name: 'BECKON_MAIL_RETENTION_DAYS',
    fallback: 90,
    min: 7,
    max: 3650,
    unit: 'days',
    about: 'How long is kept what became of a mail that went out; of those that wait nothing goes.',
  }),

  mailLimitBytes: integerSetting({
    name: 'BECKON_MAIL_LIMIT_BYTES',
    fallback: 36_700_160,
    min: 1024,
    max: 104_857_600,
    unit: 'bytes',
    about: 'How large a mail may be that comes in, with everything that is in it.',
  }),
  inboundRetentionDays: integerSetting({
    name: 'BECKON_INBOUND_RETENTION_DAYS',
    fallback: 90,
    min: 0,
    max: 36_500,
    unit: 'days',
    about:
      'How long a mail that came in is kept as it is, once it is done with; 0 for ever. What became of it, and the messages and files that were made of it, stay.',
  }),
  smtpListen: addressSetting({
    name: 'BECKON_SMTP_LISTEN',
    fallbackText: 'off',
    about: 'Where to take in mail by SMTP, for the addresses of mailboxes and nobody else.',
  }),
  lmtpListen: addressSetting({
    name: 'BECKON_LMTP_LISTEN',
    fallbackText: 'off',
    about:
      'The same by LMTP (RFC 2033), for a mail server of yours that hands mail over. Keep it where only that one reaches it.',
  }),
  smtpName: textSetting({
    name: 'BECKON_SMTP_NAME',
    kind: 'host name',
    fallback: undefined,
    fallbackText: 'the name of the machine',
    about: 'What the mail server calls itself: the name that the MX record of your addresses has.',
    check: checkHost,
  }),
  smtpTlsKey: secretSetting({
    name: 'BECKON_SMTP_TLS_KEY',
    kind: 'private key, PEM',
    fallbackText: 'none: STARTTLS is not offered',
    about: 'With `BECKON_SMTP_TLS_CERT`: the key of the certificate. `BECKON_SMTP_TLS_KEY_FILE` names a file.',
    read: (text) => ({ value: text }),
  }),
  smtpTlsCert: textSetting({
    name: 'BECKON_SMTP_TLS_CERT',
    kind: 'certificate chain, PEM',
    fallback: undefined,
    fallbackText: 'none: STARTTLS is not offered',
    about: 'The certificate of the mail server. `BECKON_SMTP_TLS_CERT_FILE` names a file. Read at the start.',
  }),
  smtpMailsPerMinute: integerSetting({
    name: 'BECKON_SMTP_MAILS_PER_MINUTE',
    fallback: 600,
    min: 0,
    max: 1_000_000,
    unit: 'mails',
    about: 'How many mails each address may hand over by SMTP in a minute; 0 for any number. The others are asked to come again.',
  }),
  mailgunSigningKey: secretSetting({
    name: 'BECKON_MAILGUN_SIGNING_KEY',
    kind: 'text without spaces',
    fallbackText: 'none: there is no such door',
    about: 'The HTTP webhook signing key of Mailgun, whose routes may then hand mail over at `/v1/inbound/mailgun`.',
    read: readToken,
  }),
  postmarkSecret: secretSetting({
    name: 'BECKON_POSTMARK_SECRET',
    kind: 'text without spaces, at least 16 characters',
    fallbackText: 'none: there is no such door',
    about:
      'The password of the inbound webhook of Postmark, which then hands mail over at `https://postmark:SECRET@HOST/v1/inbound/postmark`.',
    read: readLongToken,
  }),

  attachmentLimitBytes: integerSetting({
    name: 'BECKON_ATTACHMENT_LIMIT_BYTES',
    fallback: 26_214_400,
    min: 1024,
    max: 5_368_709_120,
    unit: 'bytes',
    about: 'How large a file may be that somebody uploads.',
  }),
  attachmentsPerMessage: integerSetting({
    name: 'BECKON_ATTACHMENTS_PER_MESSAGE',
    fallback: 20,
    min: 0,
    max: 100,
    unit: 'files',
    about: 'How many attachments one message may have.',
  }),
  attachmentAllowedTypes: listSetting({
    name: 'BECKON_ATTACHMENT_ALLOWED_TYPES',
    kind: 'list of types (`application/pdf`, `image/*`)',
    about: 'The only types of files that are taken; without it, all but those that are denied. What counts are the bytes.',
    readItem: readMediaType,
  }),
  attachmentDeniedTypes: listSetting({
    name: 'BECKON_ATTACHMENT_DENIED_TYPES',
    kind: 'list of types (`application/zip`, `video/*`)',
    about: 'Types of files that are not taken.',
    readItem: readMediaType,
  }),
  attachmentLinkSeconds: integerSetting({
    name: 'BECKON_ATTACHMENT_LINK_SECONDS',
    fallback: 300,
    min: 10,
    max: 86_400,
    unit: 'seconds',
    about: 'How long a link to a file works.',
  }),
  uploadsPerCaller: integerSetting({
    name: 'BECKON_UPLOADS_PER_CALLER',
    fallback: 8,
    min: 1,
    max: 10_000,
    unit: 'uploads',
    about: 'How many files each caller may upload at a time.',
  }),
  uploadStallSeconds: integerSetting({
    name: 'BECKON_UPLOAD_STALL_SECONDS',
    fallback: 30,
    min: 1,
    max: 3600,
    unit: 'seconds',
    about:
      'In each such time an upload must come on by 64 KiB, and something of a download be read, or it is given up; as a whole it may take as long as it takes.',
  }),
  clamavUrl: textSetting({
    name: 'BECKON_CLAMAV_URL',
    kind: '`tcp://HOST:3310` or `unix:/PATH`',
    fallback: undefined,
    fallbackText: 'none: files are not scanned',
    about:
      'A clamd that scans uploads; none can be read before it was found clean. Its `StreamMaxLength` must not be less than the limit on files. What was uploaded before it was set up is not scanned.',
    check: checkClamavUrl,
  }),
  s3Endpoint: textSetting({
    name: 'BECKON_S3_ENDPOINT',
    kind: 'http or https URL',
    fallback: undefined,
    fallbackText: 'none: files are kept in the data folder, which all nodes must then share',
    about: 'An S3-compatible store for attachments; needs `BECKON_S3_BUCKET` and both keys too.',
    check: checkPublicUrl,
  }),
  s3Region: textSetting({
    name: 'BECKON_S3_REGION',
    fallback: 'us-east-1',
    about: 'The region that requests to the store are signed for.',
  }),
  s3Bucket: textSetting({ name: 'BECKON_S3_BUCKET', fallback: undefined, about: 'The bucket, which must be there.' }),
  s3Prefix: textSetting({
    name: 'BECKON_S3_PREFIX',
    fallback: 'attachments/',
    about: 'What the keys of all objects begin with. Nothing else may be kept under it: the sweep removes what it does not know.',
    check: checkKeyPrefix,
  }),
  s3MailPrefix: textSetting({
    name: 'BECKON_S3_MAIL_PREFIX',
    fallback: 'mail/',
    about: 'The same for mails that came in. Neither of the two may begin with the other.',
    check: checkKeyPrefix,
  }),
  s3AccessKey: textSetting({ name: 'BECKON_S3_ACCESS_KEY', fallback: undefined, about: 'The access key for the store.' }),
  s3SecretKey: secretSetting({
    name: 'BECKON_S3_SECRET_KEY',
    kind: 'text',
    about: 'The secret key for the store.',
    read: (text) => ({ value: text }),
  }),
  s3PathStyle: booleanSetting({
    name: 'BECKON_S3_PATH_STYLE',
    fallback: true,
    about: 'Whether the bucket stands in the path of requests; `false` where it is part of the host’s name.',
  }),

  adminEmail: textSetting({
    name: 'BECKON_ADMIN_EMAIL',
    kind: 'e-mail address',
    fallback: undefined,
    about: 'The first admin, made at the start if missing; only together with `BECKON_ADMIN_PASSWORD`.',
    check: checkEmail,
  }),
  adminPassword: secretSetting({
    name: 'BECKON_ADMIN_PASSWORD',
    kind: 'text, 10 to 256 characters',
    about: 'The password of the first admin.',
    read: readPassword,
  }),
  accessTokenSeconds: integerSetting({
    name: 'BECKON_ACCESS_TOKEN_SECONDS',
    fallback: 600,
    min: 60,
    max: 86_400,
    unit: 'seconds',
    about: 'How long an access token is good for.',
  }),
  sessionDays: integerSetting({
    name: 'BECKON_SESSION_DAYS',
    fallback: 30,
    min: 1,
    max: 3650,
    unit: 'days',
    about: 'How long a refresh token is good for, so how long one may stay away and still be signed in.',
  }),

  redisUrl: secretSetting({
    name: 'BECKON_REDIS_URL',
    platformName: 'REDIS_URL',
    kind: '`redis://USER:PASSWORD@HOST:6379` or `rediss://…`',
    fallbackText: 'none: nodes look at the database by themselves',
    about:
      'A Redis or Valkey over which nodes wake each other and tell who is looking at a ticket and who is writing. It may be away or lose everything at any time: nothing is missed, it only comes later.',
    read: readRedisUrl,
  }),
  logPollMs: integerSetting({
    name: 'BECKON_LOG_POLL_MS',
    fallback: 250,
    min: 10,
    // Whose rights have ended is looked for as often, and is to be found within five seconds.
    max: 2_000,
    unit: 'milliseconds',
    about: 'How often a node looks for events of other nodes that nobody told it of.',
  }),
  eventRetentionDays: integerSetting({
    name: 'BECKON_EVENT_RETENTION_DAYS',
    fallback: 90,
    min: 0,
    max: 36_500,
    unit: 'days',
    about:
      'How far back the log and the streams can be followed; 0 for ever. What happened outside tickets, such as sign-ins, is deleted then; the history of a ticket stays as long as the ticket.',
  }),
  streamsPerNode: integerSetting({
    name: 'BECKON_STREAMS_PER_NODE',
    fallback: 20_000,
    min: 0,
    max: 1_000_000,
    unit: 'streams',
    about: 'How many live connections, event streams and WebSockets, one process holds.',
  }),
  streamsPerCaller: integerSetting({
    name: 'BECKON_STREAMS_PER_CALLER',
    fallback: 10_000,
    min: 1,
    max: 1_000_000,
    unit: 'streams',
    about: 'How many live connections each caller may have on one process.',
  }),

  rateLimitPerMinute: integerSetting({
    name: 'BECKON_RATE_LIMIT_PER_MINUTE',
    fallback: 600,
    min: 0,
    max: 1_000_000,
    unit: 'requests',
    about: 'How many requests each caller may make in a minute; 0 switches the limit off.',
  }),
  bodyLimitBytes: integerSetting({
    name: 'BECKON_BODY_LIMIT_BYTES',
    fallback: 8_388_608,
    min: 1024,
    max: 104_857_600,
    unit: 'bytes',
    about:
      'How large the body of a request may be that holds a message. All others may have a mebibyte, or as much as this where it is less.',
  }),
  requestTimeoutSeconds: integerSetting({
    name: 'BECKON_REQUEST_TIMEOUT_SECONDS',
    fallback: 30,
    min: 1,
    max: 3600,
    unit: 'seconds',
    about: 'How long a caller may take to send a whole request.',
  }),
  requestsAtOnce: integerSetting({
    name: 'BECKON_REQUESTS_AT_ONCE',
    fallback: 1000,
    min: 0,
    max: 1_000_000,
    unit: 'requests',
    about:
      'How many requests are worked on at the same time; more are refused with 503 `overloaded`. Streams and files that come or go do not count. 0 for any number.',
  }),
  shedAfterMs: integerSetting({
    name: 'BECKON_SHED_AFTER_MS',
    fallback: 250,
    min: 0,
    max: 60_000,
    unit: 'milliseconds',
    about:
      'How long a request may have to wait for the process, or for its turn at the database, before new ones are refused with 503 `overloaded`. 0 refuses none.',
  }),
  drainSeconds: integerSetting({
    name: 'BECKON_DRAIN_SECONDS',
    fallback: 3,
    min: 0,
    max: 3600,
    unit: 'seconds',
    about:
      'How long a server that gets SIGTERM still answers while `/readyz` says 503, so that load balancers notice. Ctrl+C waits for nobody.',
  }),
  shutdownSeconds: integerSetting({
    name: 'BECKON_SHUTDOWN_SECONDS',
    fallback: 20,
    min: 0,
    max: 3600,
    unit: 'seconds',
    about: 'How long a stopping server then waits for requests and work that have begun.',
  }),

  otlpEndpoint: textSetting({
    name: 'BECKON_OTLP_ENDPOINT',
    platformName: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    kind: 'http or https URL',
    fallback: undefined,
    fallbackText: 'none: there are no traces',
    about:
      'Where an OpenTelemetry collector takes traces by OTLP over HTTP, such as `http://collector:4318`; `/v1/traces` is put behind it.',
    check: checkPublicUrl,
  }),
  otlpHeaders: secretSetting({
    name: 'BECKON_OTLP_HEADERS',
    platformName: 'OTEL_EXPORTER_OTLP_HEADERS',
    kind: 'list of `name=value`, values percent-encoded',
    about: 'What is sent along with traces, such as the key of a service that collects them.',
    read: readHeaders,
  }),
  tracePercent: integerSetting({
    name: 'BECKON_TRACE_PERCENT',
    fallback: 100,
    min: 0,
    max: 100,
    about: 'How many traces of a hundred are recorded. Their number decides which: every node decides alike.',
  }),
  serviceName: textSetting({
    name: 'BECKON_SERVICE_NAME',
    platformName: 'OTEL_SERVICE_NAME',
    fallback: 'beckon',
    about: 'What traces call this installation.',
  }),

  logLevel: choiceSetting({
    name: 'BECKON_LOG_LEVEL',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    fallback: 'info',
    about: 'The least important lines that are still logged.',
  }),
  logFormat: choiceSetting({
    name: 'BECKON_LOG_FORMAT',
    choices: ['auto', 'json', 'pretty'],
    fallback: 'auto',
    about: 'How a line of the log looks; `auto` is `pretty` on a terminal and `json` elsewhere.',
  }),
  slowRequestMs: integerSetting({
    name: 'BECKON_SLOW_REQUEST_MS',
    fallback: 1000,
    min: 0,
    max: 3_600_000,
    unit: 'milliseconds',
    about: 'A request that takes as long is logged as slow, a warning. 0 for none.',
  }),
  slowQueryMs: integerSetting({
    name: 'BECKON_SLOW_QUERY_MS',
    fallback: 500,
    min: 0,
    max: 3_600_000,
    unit: 'milliseconds',
    about:
      'A statement that takes as long is logged with its text, without values, and with the request that it is for. 0 for none.',
  }),
} satisfies Settings

type SettingKey = keyof typeof settings
type Combined =
  | 'publicUrl'
  | 'mailFrom'
  | 'smtpTlsKey'
  | 'smtpTlsCert'
  | 'adminEmail'
  | 'adminPassword'
  | Exclude<Extract<SettingKey, `s3${string}`>, 's3MailPrefix'>
  | Exclude<Extract<SettingKey, `database${string}`>, 'databasePoolSize'>

/** All settings, checked, alone and together. Frozen. Holds secrets: never log it. */
export type Config = Readonly<Omit<Values<typeof settings>, Combined>> & {
  readonly database: DatabaseConfig
  /** Without a slash at the end. */
  readonly publicUrl: string
  readonly publicUrlIsSet: boolean
  readonly mailFrom: string
  /** The bucket for files; undefined where they are kept in the data folder. */
  readonly s3: S3Settings | undefined
  /** What STARTTLS is done with; undefined where it is not offered. */
  readonly smtpTls: { readonly key: string; readonly cert: string } | undefined
  readonly firstAdmin: { readonly email: string; readonly password: string } | undefined
}

/** Everything that is wrong with the settings, at once. */
export class ConfigError extends Error {
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ setting, wrong, todo }) => `- ${setting}: ${wrong} ${todo}`)
    super(`The settings have ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

/** `flags` by the settings' keys, as commander gives them; `readFile` for the `…_FILE` variables. */
export type ConfigSources = {
  env: Readonly<Record<string, string | undefined>>
  flags?: Readonly<Partial<Record<SettingKey, string | undefined>>>
  readFile?: (path: string) => string
}

/** A line of `beckon config show`. */
type ConfigRow = { name: string; value: string; source: Given['source'] | 'default' }

/** Reads all settings: flag, then `BECKON_*` or `BECKON_*_FILE`, then platform name, then default. Throws `ConfigError`. */
export function loadConfig(sources: ConfigSources): Config {
  return resolve(sources).config
}

/** Every setting with its value and where it came from, secrets masked. Throws `ConfigError`. */
export function describeConfig(sources: ConfigSources): ConfigRow[] {
  const { config, given } = resolve(sources)
  const { database } = config
  const derived: Partial<Record<SettingKey, string>> = { publicUrl: config.publicUrl, mailFrom: config.mailFrom }
  if (database.engine === 'sqlite') derived.databaseUrl = `sqlite:${database.path}`
  return Object.entries<Setting<unknown>>(settings).map(([key, { name, isSecret, fallback }]) => {
    const text = given.get(key as SettingKey) // Object.entries widens the keys
    if (text !== undefined) return { name, value: isSecret ? mask(key, text.text) : text.text, source: text.source }
    return { name, value: derived[key as SettingKey] ?? String(fallback ?? ''), source: 'default' }
  })
}

/** The flags that a command can take for settings: key, flag and what it is for. Secrets have none. */
export function settingFlags(): { key: string; flag: string; about: string }[] {
  return Object.entries<Setting<unknown>>(settings).flatMap(([key, setting]) => {
    const flag = flagOf(setting)
    return flag === undefined ? [] : [{ key, flag, about: setting.about }]
  })
}

function resolve({ env, flags = {}, readFile = (path) => readFileSync(path, 'utf8') }: ConfigSources) {
  const { values, given, failed, mistakes } = readSettings(settings, { env, flags, readFile })
  const { databaseUrl, databaseHost, databasePort, databaseUser, databasePassword, databaseName, databaseTls, ...others } = values
  const { publicUrl, mailFrom, adminEmail, adminPassword, smtpTlsKey, smtpTlsCert, ...more } = others
  const { s3Endpoint, s3Region, s3Bucket, s3Prefix, s3AccessKey, s3SecretKey, s3PathStyle, ...plain } = more

  // Of settings that have a mistake themselves, nothing more is said: it would only be a consequence.
  const areAllRead = (...keys: SettingKey[]) => !keys.some((key) => failed.has(key))
  const databaseKeys = Object.keys(settings).filter((key) => key.startsWith('database')) as SettingKey[] // keys of settings
  const database = chooseDatabase({ ...values, dataDir: plain.dataDir })
  if (areAllRead(...databaseKeys)) {
    if (Array.isArray(database)) mistakes.push(...database)
    else if (database.engine === 'mysql' && plain.secret === undefined && areAllRead('secret')) mistakes.push(missingSecret)
  }
  if (plain.role !== 'all' && areAllRead(...databaseKeys, 'role') && !Array.isArray(database) && database.engine === 'sqlite')
    mistakes.push(onlyAll(plain.role))
  if (areAllRead('adminEmail', 'adminPassword') && (adminEmail === undefined) !== (adminPassword === undefined)) {
    mistakes.push(halfAnAdmin(adminEmail === undefined))
  }
  if (isWithin(values.s3Prefix, values.s3MailPrefix) || isWithin(values.s3MailPrefix, values.s3Prefix)) mistakes.push(samePrefix)
  if (areAllRead('smtpTlsKey', 'smtpTlsCert') && (smtpTlsKey === undefined) !== (smtpTlsCert === undefined))
    mistakes.push(halfATls(smtpTlsKey === undefined))
  const s3 = chooseS3({ s3Endpoint, s3Region, s3Bucket, s3Prefix, s3AccessKey, s3SecretKey, s3PathStyle })
  if (Array.isArray(s3) && areAllRead('s3Endpoint', 's3Bucket', 's3AccessKey', 's3SecretKey')) mistakes.push(...s3)
  if (mistakes.length > 0 || Array.isArray(s3) || Array.isArray(database)) throw new ConfigError(mistakes)

  const url = publicUrl?.replace(/\/+$/, '') ?? `http://${hostInUrl(plain.host)}:${plain.port}`
  const config: Config = {
    ...plain,
    trustedProxies: Object.freeze(plain.trustedProxies),
    corsOrigins: Object.freeze(plain.corsOrigins),
    attachmentAllowedTypes: Object.freeze(plain.attachmentAllowedTypes),
    attachmentDeniedTypes: Object.freeze(plain.attachmentDeniedTypes),
    s3: Object.freeze(s3),
    database: Object.freeze(database),
    publicUrl: url,
    publicUrlIsSet: publicUrl !== undefined,
    mailFrom: mailFrom ?? senderOf(plain.mailUrl, url),
    smtpTls:
      smtpTlsKey === undefined || smtpTlsCert === undefined ? undefined : Object.freeze({ key: smtpTlsKey, cert: smtpTlsCert }),
    firstAdmin:
      adminEmail === undefined || adminPassword === undefined
        ? undefined
        : Object.freeze({ email: adminEmail, password: adminPassword }),
  }
  return { config: Object.freeze(config), given }
}

const missingSecret: Mistake = {
  setting: 'BECKON_SECRET',
  wrong: 'MySQL and MariaDB need it, the same on every node.',
  todo: 'Make one with `openssl rand -base64 32` and set it.',
}

function onlyAll(role: string): Mistake {
  return {
    setting: 'BECKON_ROLE',
    wrong: `SQLite has one process, which does it all: there is no ${role} beside it.`,
    todo: 'Leave it out, or set DATABASE_URL to the MariaDB or MySQL that all nodes share.',
  }
}

const samePrefix: Mistake = {
  setting: 'BECKON_S3_MAIL_PREFIX',
  wrong: 'One of it and BECKON_S3_PREFIX begins with the other.',
  todo: 'Give two that lie beside each other, such as mail/ and attachments/.',
}

function isWithin(prefix: string | undefined, other: string | undefined): boolean {
  return prefix !== undefined && other !== undefined && prefix.startsWith(other)
}

type S3Values = Pick<Values<typeof settings>, Exclude<Extract<SettingKey, `s3${string}`>, 's3MailPrefix'>>

/** The bucket, if one is set; or what is missing of it. */
function chooseS3(given: S3Values): S3Settings | undefined | Mistake[] {
  const { s3Endpoint: endpoint, s3Bucket: bucket, s3AccessKey: accessKey, s3SecretKey: secretKey } = given
  const keys = ['s3Endpoint', 's3Bucket', 's3AccessKey', 's3SecretKey'] as const
  const missing = keys.filter((key) => given[key] === undefined)
  if (missing.length === keys.length) return undefined
  if (endpoint === undefined || bucket === undefined || accessKey === undefined || secretKey === undefined)
    return missing.map((key) => ({
      setting: settings[key].name,
      wrong: 'It is missing, while other settings of the store for attachments are there.',
      todo: 'Set all of BECKON_S3_ENDPOINT, BECKON_S3_BUCKET, BECKON_S3_ACCESS_KEY and BECKON_S3_SECRET_KEY, or none of them.',
    }))
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    bucket,
    accessKey,
    secretKey,
    region: given.s3Region,
    prefix: given.s3Prefix,
    pathStyle: given.s3PathStyle,
  }
}

function halfATls(isKeyMissing: boolean): Mistake {
  const [missing, present] = isKeyMissing ? ['KEY', 'CERT'] : ['CERT', 'KEY']
  const wrong = `It is missing, while BECKON_SMTP_TLS_${present} is set.`
  return { setting: `BECKON_SMTP_TLS_${missing}`, wrong, todo: 'Set both or neither.' }
}

function halfAnAdmin(isEmailMissing: boolean): Mistake {
  const [missing, present] = isEmailMissing ? ['EMAIL', 'PASSWORD'] : ['PASSWORD', 'EMAIL']
  const wrong = `It is missing, while BECKON_ADMIN_${present} is set.`
  return { setting: `BECKON_ADMIN_${missing}`, wrong, todo: 'Set both or neither.' }
}

/** A browser cannot open 0.0.0.0. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return isIP(host) === 6 ? `[${host}]` : host
}

function senderOf(mailUrl: string | undefined, publicUrl: string): string {
  const user = mailUrl === undefined ? '' : decodeURIComponent(new URL(mailUrl).username)
  if (checkEmail(user) === undefined) return user
  if (mailUrl?.startsWith('mailgun:')) return `beckon@${new URL(mailUrl).hostname}`
  const { hostname } = new URL(publicUrl)
  return `beckon@${isIP(hostname) || hostname.startsWith('[') ? 'localhost' : hostname}`
}

function mask(key: string, text: string): string {
  return key === 'databaseUrl' || key === 'mailUrl' || key === 'redisUrl' ? maskUrl(text) : '***'
}
