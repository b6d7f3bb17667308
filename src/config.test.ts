import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, type ConfigSources, describeConfig, loadConfig, settingFlags, settings } from './config.ts'

const secret = 'a-secret-of-at-least-32-characters'

function mistakesOf(env: Record<string, string>, flags: NonNullable<ConfigSources['flags']> = {}): string[] {
  try {
    loadConfig({ env, flags })
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.mistakes.map(({ setting, wrong, todo }) => `${setting}: ${wrong} ${todo}`)
  }
  return []
}

function databaseOf(env: Record<string, string>) {
  return loadConfig({ env: { BECKON_SECRET: secret, ...env } }).database
}

test('without any setting Beckon runs on SQLite, on this machine only', () => {
  assert.deepEqual(loadConfig({ env: {} }), {
    dataDir: './beckon-data',
    host: '127.0.0.1',
    port: 3000,
    role: 'all',
    publicUrl: 'http://127.0.0.1:3000',
    publicUrlIsSet: false,
    trustedProxies: [],
    corsOrigins: [],
    database: { engine: 'sqlite', path: 'beckon-data/beckon.db' },
    databasePoolSize: 16,
    secret: undefined,
    metricsToken: undefined,
    otlpEndpoint: undefined,
    otlpHeaders: undefined,
    tracePercent: 100,
    serviceName: 'beckon',
    mailUrl: undefined,
    mailFrom: 'beckon@localhost',
    mailLimitBytes: 36_700_160,
    inboundRetentionDays: 90,
    mailConnections: 20,
    mailRetentionDays: 90,
    smtpListen: undefined,
    lmtpListen: undefined,
    smtpName: undefined,
    smtpMailsPerMinute: 600,
    smtpTls: undefined,
    mailgunSigningKey: undefined,
    postmarkSecret: undefined,
    s3MailPrefix: 'mail/',
    attachmentLimitBytes: 26_214_400,
    attachmentsPerMessage: 20,
    attachmentAllowedTypes: [],
    attachmentDeniedTypes: [],
    attachmentLinkSeconds: 300,
    uploadsPerCaller: 8,
    uploadStallSeconds: 30,
    redisUrl: undefined,
    logPollMs: 250,
    eventRetentionDays: 90,
    streamsPerNode: 20_000,
    streamsPerCaller: 10_000,
    clamavUrl: undefined,
    s3: undefined,
    firstAdmin: undefined,
    accessTokenSeconds: 600,
    sessionDays: 30,
    rateLimitPerMinute: 600,
    bodyLimitBytes: 8_388_608,
    requestTimeoutSeconds: 30,
    requestsAtOnce: 1000,
    shedAfterMs: 250,
    drainSeconds: 3,
    shutdownSeconds: 20,
    logLevel: 'info',
    logFormat: 'auto',
    slowRequestMs: 1000,
    slowQueryMs: 500,
  })
})

test('the settings cannot be changed once they are read', () => {
  const config = loadConfig({ env: { BECKON_ADMIN_EMAIL: 'ada@example.com', BECKON_ADMIN_PASSWORD: 'correct horse' } })

  for (const part of [config, config.database, config.trustedProxies, config.corsOrigins, config.firstAdmin])
    assert.ok(Object.isFrozen(part))
})

test('a store for attachments is set as a whole or not at all, and its keys are told to nobody', () => {
  const env = {
    BECKON_S3_ENDPOINT: 'https://s3.example.com/',
    BECKON_S3_BUCKET: 'desk',
    BECKON_S3_ACCESS_KEY: 'key',
    BECKON_S3_SECRET_KEY: 'very secret',
  }

  assert.deepEqual(loadConfig({ env }).s3, {
    endpoint: 'https://s3.example.com',
    region: 'us-east-1',
    bucket: 'desk',
    prefix: 'attachments/',
    accessKey: 'key',
    secretKey: 'very secret',
    pathStyle: true,
  })
  assert.throws(() => loadConfig({ env: { ...env, BECKON_S3_BUCKET: '' } }), /BECKON_S3_BUCKET: It is missing/)
  assert.doesNotMatch(JSON.stringify(describeConfig({ env })), /very secret/)
  for (const wrong of [
    { BECKON_CLAMAV_URL: 'http://127.0.0.1:3310' },
    { BECKON_S3_PREFIX: '../up' },
    { BECKON_ATTACHMENT_DENIED_TYPES: 'png' },
  ])
    assert.throws(() => loadConfig({ env: wrong }), ConfigError)
})

test('on SQLite one process does it all, and an api or a worker is told what it needs', () => {
  const shared = { DATABASE_URL: 'mysql://beckon@db/beckon', BECKON_SECRET: secret }

  for (const BECKON_ROLE of ['api', 'worker']) {
    assert.match(
      mistakesOf({ BECKON_ROLE }).join(),
      /^BECKON_ROLE: SQLite has one process.*set DATABASE_URL to the MariaDB or MySQL/,
    )
    assert.equal(loadConfig({ env: { ...shared, BECKON_ROLE } }).role, BECKON_ROLE)
  }
})

test('the public address follows host and port unless it is set', () => {
  const cases = [
    [{ BECKON_HOST: '::1', PORT: '8080' }, 'http://[::1]:8080', false],
    [{ BECKON_HOST: '0.0.0.0' }, 'http://localhost:3000', false],
    [{ BECKON_PUBLIC_URL: 'https://help.example.com/desk/' }, 'https://help.example.com/desk', true],
    [{ RENDER_EXTERNAL_URL: 'https://beckon.onrender.com' }, 'https://beckon.onrender.com', true],
    [{ BECKON_PUBLIC_URL: 'https://a.example', RENDER_EXTERNAL_URL: 'https://b.example' }, 'https://a.example', true],
  ] as const

  for (const [env, url, isSet] of cases) {
    const config = loadConfig({ env })
    assert.deepEqual([config.publicUrl, config.publicUrlIsSet], [url, isSet])
  }
})

test('the database is named by a URL or by single settings', () => {
  const base = { engine: 'mysql', host: 'db', port: 3306, user: 'app', password: '', database: 'desk', tls: 'off' } as const
  const single = { BECKON_DATABASE_HOST: 'db', BECKON_DATABASE_USER: 'app', BECKON_DATABASE_NAME: 'desk' }

  assert.deepEqual(databaseOf({ BECKON_DATA_DIR: '/data' }), { engine: 'sqlite', path: '/data/beckon.db' })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'sqlite:./a b.db' }), { engine: 'sqlite', path: './a b.db' })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'sqlite:///var/a.db' }), { engine: 'sqlite', path: '/var/a.db' })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'sqlite::memory:' }), { engine: 'sqlite', path: ':memory:' })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'mysql://app@db/desk' }), base)
  assert.deepEqual(databaseOf({ DATABASE_URL: 'mariadb://app:p%40%25%3A@[::1]:3307/desk' }), {
    ...base,
    host: '::1',
    port: 3307,
    password: 'p@%:',
  })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'mysql://app@db/desk?ssl-mode=REQUIRED' }), { ...base, tls: 'unverified' })
  assert.deepEqual(databaseOf({ DATABASE_URL: 'mysql://app@db/desk', BECKON_DATABASE_TLS: 'verified' }), {
    ...base,
    tls: 'verified',
  })
  assert.deepEqual(databaseOf(single), base)
  assert.deepEqual(databaseOf({ ...single, BECKON_DATABASE_PORT: '3307', BECKON_DATABASE_PASSWORD: 'p' }), {
    ...base,
    port: 3307,
    password: 'p',
  })
})

test('the sender of mail is the user of the mail server, or ours on the public host', () => {
  const from = (env: Record<string, string>) => loadConfig({ env }).mailFrom

  assert.equal(from({ BECKON_MAIL_URL: 'smtp://desk%40example.com:p@mail.example.com:587' }), 'desk@example.com')
  assert.equal(
    from({ BECKON_MAIL_URL: 'smtps://apikey:p@mail.example.com', BECKON_PUBLIC_URL: 'https://help.example.com' }),
    'beckon@help.example.com',
  )
  assert.equal(from({ BECKON_MAIL_FROM: 'Support <help@example.com>' }), 'Support <help@example.com>')
})

test('lists are read item by item', () => {
  const config = loadConfig({
    env: {
      BECKON_TRUSTED_PROXIES: '10.0.0.0/8, ::1,fd00::/8',
      BECKON_CORS_ORIGINS: 'https://app.example.com/,http://localhost:5173,capacitor://localhost',
    },
  })

  assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1', 'fd00::/8'])
  assert.deepEqual(config.corsOrigins, ['https://app.example.com', 'http://localhost:5173', 'capacitor://localhost'])
})

test('what cannot be is refused, with advice', () => {
  const mysql = { DATABASE_URL: 'mysql://app:hunter2@db/desk' }
  const cases: [env: Record<string, string>, mistake: RegExp][] = [
    [mysql, /^BECKON_SECRET: .*openssl rand -base64 32/],
    [{ ...mysql, BECKON_SECRET: 'short' }, /^BECKON_SECRET: It is shorter than 32/],
    [{ ...mysql, BECKON_SECRET: secret, BECKON_DATABASE_HOST: 'db' }, /^DATABASE_URL: .*BECKON_DATABASE_HOST too/],
    [
      { DATABASE_URL: 'mysql://app@db/desk?tls=off', BECKON_DATABASE_TLS: 'off', BECKON_SECRET: secret },
      /^BECKON_DATABASE_TLS: /,
    ],
    [{ DATABASE_URL: 'postgres://app:hunter2@db/desk' }, /^DATABASE_URL: It is neither an sqlite: nor a mysql:/],
    [{ DATABASE_URL: 'mysql://app:hunter2@db' }, /one database/],
    // Whose rights have ended is told nothing after five seconds.
    [{ BECKON_LOG_POLL_MS: '2001' }, /^BECKON_LOG_POLL_MS: /],
    [{ DATABASE_URL: 'mysql://db/desk' }, /names no user/],
    [{ DATABASE_URL: 'mysql://app:hunter2#@db/desk' }, /percent-encoded/],
    [{ DATABASE_URL: 'mysql://app:hunter2%@db/desk' }, /percent-encoded/],
    [{ DATABASE_URL: 'mysql://app:hunter2@db/desk?wait=1' }, /not understood/],
    [{ DATABASE_URL: 'sqlite:' }, /names no file/],
    [{ DATABASE_URL: 'sqlite://host/a.db' }, /no host/],
    [{ DATABASE_URL: 'sqlite:a.db?mode=ro' }, /no(ne| options)|there are none/],
    [{ BECKON_DATABASE_HOST: 'mysql://app:hunter2@db' }, /^BECKON_DATABASE_HOST: It is not a host/],
    [{ BECKON_HOST: 'localhost:3000' }, /^BECKON_HOST: /],
    [{ PORT: '65536' }, /^PORT: /],
    [{ BECKON_PUBLIC_URL: 'help.example.com' }, /^BECKON_PUBLIC_URL: /],
    [{ BECKON_PUBLIC_URL: 'https://a:hunter2@help.example.com' }, /^BECKON_PUBLIC_URL: /],
    [{ BECKON_TRUSTED_PROXIES: '10.0.0.0/33' }, /^BECKON_TRUSTED_PROXIES: "10\.0\.0\.0\/33"/],
    [{ BECKON_TRUSTED_PROXIES: 'proxy' }, /^BECKON_TRUSTED_PROXIES: /],
    [{ BECKON_CORS_ORIGINS: '*' }, /^BECKON_CORS_ORIGINS: /],
    [{ BECKON_CORS_ORIGINS: 'https://app.example.com/path' }, /^BECKON_CORS_ORIGINS: /],
    [{ BECKON_MAIL_URL: 'mail.example.com' }, /^BECKON_MAIL_URL: /],
    [{ BECKON_MAIL_URL: 'smtp://a:hunter2%ff@mail.example.com' }, /^BECKON_MAIL_URL: .*percent-encoded/],
    [{ BECKON_REDIS_URL: 'redis://a:hunter2%ff@redis.example.com' }, /^BECKON_REDIS_URL: .*percent-encoded/],
    [{ BECKON_REDIS_URL: 'redis://redis.example.com/cache' }, /^BECKON_REDIS_URL: It is not the URL of a Redis server/],
    [{ BECKON_MAIL_FROM: 'Support' }, /^BECKON_MAIL_FROM: /],
    [{ BECKON_MAIL_FROM: 'Support\r\nBcc: eve@example.com <a@example.com>' }, /^BECKON_MAIL_FROM: /],
    [{ BECKON_ADMIN_EMAIL: 'ada@example.com' }, /^BECKON_ADMIN_PASSWORD: It is missing/],
    [{ BECKON_ADMIN_PASSWORD: 'hunter2-hunter2' }, /^BECKON_ADMIN_EMAIL: It is missing/],
    [
      { BECKON_ADMIN_EMAIL: 'ada@example.com', BECKON_ADMIN_PASSWORD: 'hunter2' },
      /^BECKON_ADMIN_PASSWORD: It is shorter than 10/,
    ],
    [{ BECKON_METRICS_TOKEN: 'hunter2 hunter2' }, /^BECKON_METRICS_TOKEN: /],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT: /],
    [{ BECKON_OTLP_HEADERS: 'hunter2' }, /^BECKON_OTLP_HEADERS: /],
    [{ BECKON_OTLP_HEADERS: 'key=%0d%0ahunter2: x' }, /^BECKON_OTLP_HEADERS: /],
    [{ BECKON_TRACE_PERCENT: '101' }, /^BECKON_TRACE_PERCENT: /],
    [{ BECKON_SECERT: 'hunter2' }, /Did you mean BECKON_SECRET\?/],
  ]

  for (const [env, pattern] of cases) {
    const mistakes = mistakesOf(env)
    assert.equal(mistakes.length, 1, `${JSON.stringify(env)} ${mistakes}`)
    assert.match(mistakes.join(), pattern)
    assert.doesNotMatch(mistakes.join(), /hunter2/, 'a mistake repeats no secret')
  }
})

test('all mistakes come in one error, in lines that can be read', () => {
  const env = { BECKON_DATABASE_PASSWORD: 'p', BECKON_LOG_LEVEL: 'loud', BECKON_RATE_LIMIT: '5' }

  assert.throws(
    () => loadConfig({ env, flags: { port: 'x' } }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      const named = error.mistakes.map(({ setting }) => setting).sort()
      assert.deepEqual(named, [
        '--port',
        'BECKON_DATABASE_HOST',
        'BECKON_DATABASE_NAME',
        'BECKON_DATABASE_USER',
        'BECKON_LOG_LEVEL',
        'BECKON_RATE_LIMIT',
      ])
      assert.match(error.message, /^The settings have 6 mistakes:\n- /)
      return true
    },
  )
})

test('what is in force can be shown without its secrets', () => {
  const env = {
    PORT: '8080',
    DATABASE_URL: 'mysql://app:hunter2@db/desk?ssl=true',
    BECKON_SECRET_FILE: '/run/secret',
    BECKON_MAIL_URL: 'smtp://hunter2@mail.example.com',
    BECKON_METRICS_TOKEN: 'x://hunter2',
  }

  const rows = describeConfig({ env, flags: { logLevel: 'debug' }, readFile: () => `${secret}\n` })

  const shown = new Map(rows.map(({ name, value, source }) => [name, `${value} (${source})`]))
  assert.equal(rows.length, Object.keys(settings).length)
  assert.equal(shown.get('BECKON_PORT'), '8080 (platform)')
  assert.equal(shown.get('BECKON_DATABASE_URL'), 'mysql://app:***@db/desk?*** (platform)')
  assert.equal(shown.get('BECKON_SECRET'), '*** (file)')
  assert.equal(shown.get('BECKON_MAIL_URL'), 'smtp://***@mail.example.com (variable)')
  assert.equal(shown.get('BECKON_METRICS_TOKEN'), '*** (variable)')
  assert.equal(shown.get('BECKON_LOG_LEVEL'), 'debug (flag)')
  assert.equal(shown.get('BECKON_PUBLIC_URL'), 'http://127.0.0.1:8080 (default)')
  assert.doesNotMatch(JSON.stringify(rows), /hunter2|at-least-32/)
})

test('a setting is called the same in code, as a variable and as a flag', () => {
  for (const [key, { name }] of Object.entries(settings)) {
    assert.equal(`BECKON_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, name)
  }
  assert.ok(settingFlags().some(({ key, flag }) => key === 'dataDir' && flag === '--data-dir'))
  assert.ok(!settingFlags().some(({ key }) => key === 'secret'))
})
