import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { describeApi } from './api-description.ts'
import type { Config } from './config.ts'
import { type Accounts, createAccounts } from './modules/accounts/index.ts'
import { createAssignment } from './modules/assignment/index.ts'
import { createAttachments } from './modules/attachments/index.ts'
import {
  attachmentKeeper,
  attachmentsInDrafts,
  createConversation,
  linkMentioned,
  lockMentioned,
} from './modules/conversation/index.ts'
import { createDesk, isLifecycleInUse, isTeamInUse } from './modules/desk/index.ts'
import { createDirectory } from './modules/directory/index.ts'
import { createFields } from './modules/fields/index.ts'
import { createHistory } from './modules/history/index.ts'
import { createInbound } from './modules/inbound/index.ts'
import { createJobs } from './modules/jobs/index.ts'
import { childrenOf, createLinks } from './modules/links/index.ts'
import { createMacros, seesMacro } from './modules/macros/index.ts'
import { createMail, type PostOffice } from './modules/mail/index.ts'
import { createMailboxes, dkimKeyOf, hasMailbox, type LookUpTxt } from './modules/mailboxes/index.ts'
import { createMerging } from './modules/merging/index.ts'
import { createNotifications } from './modules/notifications/index.ts'
import { createPresence } from './modules/presence/index.ts'
import { carryReading, createReading, getTicketToRead, unreadOf } from './modules/reading/index.ts'
import { createRealtime, type Hub } from './modules/realtime/index.ts'
import { createReceiving, type Receiving } from './modules/receiving/index.ts'
import { createRouting, isNamedByRules } from './modules/routing/index.ts'
import { type Compose, createSending, deliveriesOf, toMessageDelivery } from './modules/sending/index.ts'
import { createTags } from './modules/tags/index.ts'
import { createTickets, hasValues, isNamedByFields, isNamedByTickets } from './modules/tickets/index.ts'
import { createViews } from './modules/views/index.ts'
import { createWorkflow } from './modules/workflow/index.ts'
import { openBus } from './platform/bus.ts'
import type { Clock } from './platform/clock.ts'
import type { Database } from './platform/database/database.ts'
import { createDispatcher, type Tried } from './platform/deliver.ts'
import { openDiskStore } from './platform/files/disk.ts'
import type { FileStore } from './platform/files/file-store.ts'
import { openS3Store } from './platform/files/s3.ts'
import { createHousekeeper, pruneDeliveries, pruneIdempotencyKeys } from './platform/housekeeping.ts'
import type { Answer } from './platform/http/answer.ts'
import { createCursors } from './platform/http/cursor.ts'
import { createIdempotency, KEPT_MS, type StillSees } from './platform/http/idempotency.ts'
import { createLimiter } from './platform/http/rate-limit.ts'
import type { Route } from './platform/http/route.ts'
import { type Answered, createServer } from './platform/http/server.ts'
import { createShedding } from './platform/http/shedding.ts'
import type { Logger } from './platform/log.ts'
import { createRenderer } from './platform/markdown/renderer.ts'
import { logGauges } from './platform/metrics/log-gauges.ts'
import { createMetrics, type Metrics } from './platform/metrics/metrics.ts'
import type { Ground, Module } from './platform/module.ts'
import { retireEvents } from './platform/retention.ts'
import { createSecrets } from './platform/secrets.ts'
import { createSequencer } from './platform/sequencer.ts'
import './platform/tables.ts'
import { metricsPage } from './metrics-page.ts'
import { createTimekeeper, LOOKS_AHEAD_MS, type Tried as TriedTimer } from './platform/timers.ts'
import { pruneTraces } from './platform/tracing/trace-rows.ts'
import { openTracing } from './platform/tracing/tracing.ts'
import { createTransactor, type Transact } from './platform/transaction.ts'
import { absentWorker, createWorker, type Worker } from './platform/worker.ts'
import { processRoutes } from './process-routes.ts'
import { describeRealtime } from './realtime-description.ts'
import { referencePages } from './reference-pages.ts'
import { version } from './version.ts'

export { migrations } from './migrations.ts'

const SETTLE_ROUNDS = 100
// What nodes tell each other when they have given positions.
const LOG = 'log'
// What nodes that only answer tell those that work: that there is something to do, and whose it is.
const WORK = 'work'
// Waiting tickets that nothing called an agent for are found by then.
const SWEEP_MS = 30_000
const DAY_MS = 86_400_000

/** The whole house, put together and running; it listens when its owner says so. */
export interface App {
  server: FastifyInstance
  routes: Route[]
  transact: Transact
  database: Database
  accounts: Accounts
  /** Who listens to what happens. */
  hub: Hub
  /** Where letters become mail. */
  postOffice: PostOffice
  /** Resolves when every committed event has its position and was told to who listens, and everything that is due, deliveries and timers, has been tried. */
  settle(): Promise<void>
  /** Reads mailboxes and listens for mail, where settings say so: what a server does, and no other command. Answers the ports. */
  openDoors(): ReturnType<Receiving['open']>
  /** Does now what is done once an hour. */
  tidy(): Promise<void>
  /**
   * Begins to stop: `/readyz` says so, connections end with their next answer, and no more work is taken up that another node may do.
   * Requests are still answered. Never waits.
   */
  retire(): void
  /** Stops: listens no more, tells streams to come back, finishes what has begun, gives back what others may do, and closes everything. */
  close(): Promise<void>
}

/** One line for every try, with the request that it goes back to. */
function logDelivery(log: Logger, { delivery, request_id, failure }: Tried): void {
  const { id: delivery_id, event_id, reaction, attempts: attempt } = delivery
  const facts = { request_id, event_id, delivery_id, reaction, attempt }
  if (!failure) log.info(facts, 'delivered')
  else if (failure.dead) log.error({ ...facts, err: failure.error }, 'a delivery is dead')
  else log.warn({ ...facts, err: failure.error }, 'a delivery failed and will be tried again')
}

/** One line for every try of a timer. */
function logTimer(log: Logger, { timer, failure }: TriedTimer): void {
  const { id: timer_id, kind, subject_id, attempts: attempt } = timer
  const facts = { timer_id, kind, subject_id, attempt }
  if (!failure) log.info(facts, 'a timer fired')
  else if (failure.dead) log.error({ ...facts, err: failure.error }, 'a timer is dead')
  else log.warn({ ...facts, err: failure.error }, 'a timer failed and will be tried again')
}

/** What another node said; it may be anything. */
function toNews(message: unknown): { whose?: unknown } {
  return typeof message === 'object' && message !== null ? message : {}
}

/** How a try ended, as it is counted. */
function endOf({ failure }: Tried | TriedTimer): 'ok' | 'failed' | 'dead' {
  return failure ? (failure.dead ? 'dead' : 'failed') : 'ok'
}

function countAnswer(metrics: Metrics, { problem, ...answered }: Answered): void {
  metrics.request(answered)
  if (problem !== null) metrics.problem(problem)
  if (answered.route === '/v1/auth/login') metrics.signIn(answered.status < 300 ? 'ok' : 'refused')
}

/** Tells how long each transaction took, in seconds. */
function timed(write: Database['write'], tell: (seconds: number) => void): Database['write'] {
  return async (work) => {
    const begun = performance.now()
    try {
      return await write(work)
    } finally {
      tell((performance.now() - begun) / 1000)
    }
  }
}

/** Whether an event may change what somebody may do. */
function decidesRights(type: string): boolean {
  return /^(user|team|queue|organization)\./.test(type)
}

/** The outbox is for a developer at his own machine: never where mail leaves, nor where others can reach it. */
function servesOutbox({ mailUrl, publicUrlIsSet, host }: Config): boolean {
  return mailUrl === undefined && !publicUrlIsSet && ['127.0.0.1', '::1', 'localhost'].includes(host)
}

/** Where files are kept: in a bucket where one is set, else in the data folder. */
function openFiles({ s3, dataDir }: Config): FileStore {
  if (s3 === undefined) return openDiskStore(join(dataDir, 'attachments'))
  return openS3Store(s3, { spoolFolder: join(dataDir, 'incoming') })
}

/** Where mails are kept as they came in: beside the files, and never among them. */
function openMails({ s3, s3MailPrefix, dataDir }: Config): FileStore {
  if (s3 === undefined) return openDiskStore(join(dataDir, 'mail'))
  return openS3Store({ ...s3, prefix: s3MailPrefix }, { spoolFolder: join(dataDir, 'incoming-mail') })
}

function attachmentSettings(config: Config) {
  const { publicUrl, clamavUrl, attachmentLinkSeconds: linkSeconds } = config
  const limits = {
    limitBytes: config.attachmentLimitBytes,
    allowedTypes: config.attachmentAllowedTypes,
    deniedTypes: config.attachmentDeniedTypes,
    perCaller: config.uploadsPerCaller,
  }
  return { publicUrl, clamavUrl, linkSeconds, limits }
}

/** Puts the house together, ground floor first. The database must be migrated. */
export async function openApp({
  config,
  database,
  clock,
  log,
  secret,
  inspect,
  lookUpTxt,
  more = {},
}: {
  config: Config
  database: Database
  clock: Clock
  log: Logger
  secret: string
  inspect?: (route: Route, answer: Answer) => void
  /** What the DNS says; without it, the DNS of this machine. */
  lookUpTxt?: LookUpTxt
  /** What no module brings. */
  more?: Partial<Pick<Module, 'reactions' | 'timers' | 'jobs'>> & { compose?: (kind: string) => Compose | undefined }
}): Promise<App> {
  const secrets = createSecrets(secret)
  const { role } = config
  let isStopping = false
  const reactions: Parameters<typeof createTransactor>[0]['reactions'][number][] = []
  const tracing = await openTracing(config, { version, log })
  const metrics = createMetrics({ db: database.reader, now: () => clock.now() })
  const transactor = createTransactor({
    database: { ...database, write: timed(database.write, metrics.transaction) },
    clock,
    tracing,
    reactions,
    onCommit: ({ types, deliveries, timer_due_at }) => {
      // Here at once; other nodes notice within half a second.
      if (types.some(decidesRights)) accounts.forgetActors()
      if (sequencer) sequencer.wake()
      else hub.wake()
      if (deliveries > 0) dispatcher.wake()
      if (timer_due_at !== null && timer_due_at < clock.now() + LOOKS_AHEAD_MS) timekeeper.wake()
    },
    onRetry: (error, attempt) => {
      metrics.retry()
      log.debug({ err: error, attempt }, 'transaction is run again')
    },
  })
  const renderer = createRenderer({
    onFailure: (failure, err) => log.warn({ failure, err }, 'a text is shown without Markdown, or without its images'),
  })
  const cursors = createCursors(secrets.key('cursors'))
  const bus = await openBus({ url: config.redisUrl, secrets, log })
  const ground: Ground = { database, clock, log, secrets, cursors, renderer, bus, transact: transactor(), tracing }
  /** Where this process only answers: wakes the workers of the others, which else look by themselves once a second. */
  const wakeOthers = (whose: string) => (role === 'api' ? () => bus.publish(WORK, { whose }) : undefined)

  const mail = createMail(ground, {
    url: config.mailUrl,
    from: config.mailFrom,
    connections: config.mailConnections,
    outboxIsServed: servesOutbox(config),
    dkimKeyOf: (domain) => dkimKeyOf(database.reader, domain, secrets),
  })
  const directory = createDirectory(ground, {
    isTeamInUse,
    isOrganizationInUse: async (db, id) =>
      (await isNamedByTickets(db, 'organization_id', id)) || (await isNamedByFields(db, id)) || isNamedByRules(db, id),
  })
  const jobKinds = [...(more.jobs ?? [])]
  const jobs = createJobs(ground, { kinds: jobKinds })
  const workflow = createWorkflow(ground, { isInUse: isLifecycleInUse })
  const desk = createDesk(ground, {
    isQueueInUse: async (db, id) => (await isNamedByTickets(db, 'queue_id', id)) || isNamedByRules(db, id),
    hasMailbox,
    isCategoryInUse: async (db, id) => (await isNamedByTickets(db, 'category_id', id)) || isNamedByRules(db, id),
  })
  const fields = createFields(ground, { hasValues, isTypeInUse: (db, id) => isNamedByTickets(db, 'type_id', id) })
  const accounts = createAccounts(ground, { settings: config, sendMail: mail.sendMail })
  const routing = createRouting(ground)
  const files = openFiles(config)
  const attachments = createAttachments(ground, {
    ...attachmentSettings(config),
    files,
    keeper: { ...attachmentKeeper, seesKeeper: seesMacro },
    isKept: attachmentsInDrafts,
  })
  const messageParts = { findImageLinks: attachments.findImageLinks, attachmentsPerMessage: config.attachmentsPerMessage }
  const upstairs = { childrenOf, unreadOf, getTicketToRead, lockMentioned, linkMentioned }
  const tickets = createTickets(ground, { ...messageParts, ...upstairs })
  const links = createLinks(ground)
  const conversation = createConversation(ground, {
    ...messageParts,
    deliveriesOf: async (db, ids) =>
      new Map([...(await deliveriesOf(db, ids))].map(([id, mails]) => [id, mails.map(toMessageDelivery)])),
  })
  const merging = createMerging(ground, { moving: carryReading })
  const views = createViews(ground, { unreadOf })
  const assignment = createAssignment(ground)
  const history = createHistory()
  const tags = createTags(ground)
  const macros = createMacros(ground, messageParts)
  const tell = (ticket_id: string, frames: Parameters<Hub['pass']>[1]): void => hub.pass(ticket_id, frames)
  const reading = createReading(ground, { tell })
  const presence = createPresence(ground, { tell })
  const limiter = createLimiter({ name: 'default', points: config.rateLimitPerMinute, seconds: 60 })
  const realtime = createRealtime(ground, {
    lookAgain: accounts.lookAgain,
    pollMs: config.logPollMs,
    isFollowing: role !== 'worker',
    streamsPerNode: config.streamsPerNode,
    streamsPerCaller: config.streamsPerCaller,
    publicUrl: config.publicUrl,
    doors: {
      post: conversation.post,
      markRead: reading.markRead,
      markDelivered: reading.markDelivered,
      look: presence.look,
      type: presence.type,
      leave: presence.leave,
      refreshed: presence.refreshed,
    },
    limiter,
    transactor,
  })
  // How much has been tried: what `settle` goes by.
  let tries = 0
  const mailboxes = createMailboxes(ground, lookUpTxt ? { lookUp: lookUpTxt } : {})
  const sending = createSending(ground, {
    postOffice: mail.postOffice,
    compose: (kind) => notifications.compose(kind) ?? more.compose?.(kind),
    retentionDays: config.mailRetentionDays,
    onTried: () => {
      tries++
    },
    wakeOthers: wakeOthers('sending'),
  })
  const notifications = createNotifications(ground, {
    publicUrl: config.publicUrl,
    mailFrom: config.mailFrom,
    filesOf: (db, message) => attachments.carry(db, message.attachments),
  })
  const mails = openMails(config)
  const inbound = createInbound(ground, {
    files: mails,
    bring: attachments.bring,
    attachmentsPerMessage: config.attachmentsPerMessage,
    settings: {
      limitBytes: config.mailLimitBytes,
      keptDays: config.inboundRetentionDays,
      mailgunSigningKey: config.mailgunSigningKey,
      postmarkSecret: config.postmarkSecret,
    },
    onTried: () => {
      tries++
    },
    wakeOthers: wakeOthers('inbound'),
  })
  const receiving = createReceiving(ground, {
    receive: inbound.receive,
    settings: {
      limitBytes: config.mailLimitBytes,
      smtpListen: config.smtpListen,
      lmtpListen: config.lmtpListen,
      smtpName: config.smtpName,
      smtpTls: config.smtpTls,
      smtpMailsPerMinute: config.smtpMailsPerMinute,
    },
  })
  const modules = [
    mail,
    directory,
    jobs,
    workflow,
    desk,
    fields,
    accounts,
    routing,
    attachments,
    tickets,
    links,
    conversation,
    merging,
    assignment,
    tags,
    macros,
    views,
    history,
    reading,
    presence,
    realtime,
    mailboxes,
    sending,
    notifications,
    inbound,
    receiving,
  ]
  const { hub } = realtime
  bus.subscribe(LOG, hub.wake)
  bus.onReconnect(hub.wake)
  reactions.push(...[...modules, more].flatMap((part) => part.reactions ?? []))
  jobKinds.push(...modules.flatMap((module) => module.jobs ?? []))

  const sequencer =
    database.engine === 'mysql'
      ? createSequencer({
          database,
          onStamped: (position) => {
            hub.wake()
            bus.publish(LOG, { position })
          },
          onError: (err) => log.error({ err }, 'the sequencer failed'),
        })
      : null
  const isWorking = role !== 'api'
  const dispatcher = isWorking
    ? createDispatcher({
        database,
        clock,
        tracing,
        reactions,
        onTried: (tried) => {
          tries++
          metrics.tried('delivery', endOf(tried))
          logDelivery(log, tried)
          // What it did may be a mail that is owed.
          sending.wake()
        },
        onError: (err) => log.error({ err }, 'the dispatcher failed'),
      })
    : absentWorker(wakeOthers('dispatcher'))
  const timekeeper = isWorking
    ? createTimekeeper({
        database,
        clock,
        tracing,
        transact: ground.transact,
        kinds: [...modules, more].flatMap((part) => part.timers ?? []),
        onTried: (tried) => {
          tries++
          metrics.tried('timer', endOf(tried))
          logTimer(log, tried)
          sending.wake()
        },
        onError: (err) => log.error({ err }, 'the timekeeper failed'),
      })
    : absentWorker(wakeOthers('timekeeper'))
  const wakeable = new Map<unknown, Pick<Worker, 'wake'>>(
    Object.entries({ dispatcher, timekeeper, sending, inbound: inbound.worker }),
  )
  if (isWorking) bus.subscribe(WORK, (message) => wakeable.get(toNews(message).whose)?.wake())

  const keptDays = config.eventRetentionDays
  const housekeeper = createHousekeeper({
    chores: [
      ...attachments.chores,
      ...inbound.chores,
      accounts.prune,
      conversation.prune,
      sending.prune,
      () => pruneDeliveries(database, clock),
      () => pruneTraces(database, clock),
      async () => (keptDays === 0 ? 0 : retireEvents(database, clock.now() - keptDays * DAY_MS)),
      () => pruneIdempotencyKeys(database, clock.now() - KEPT_MS),
    ],
    onError: (err) => log.error({ err }, 'housekeeping failed'),
  })

  const sweeper = isWorking
    ? createWorker({
        pollMs: SWEEP_MS,
        run: async () => {
          await assignment.sweep()
          return false
        },
        onError: (err) => log.error({ err }, 'the sweep of waiting tickets failed'),
      })
    : absentWorker()

  const stillSees: StillSees = (db, actor, subject) =>
    (subject.id.startsWith('att_') ? attachments : tickets).stillSees(db, actor, subject)

  // Told at the start, but no reason not to: it may come back, and everything else works without it.
  files.check().catch((err) => log.error({ err }, 'the place where files are kept cannot be used'))
  mails.check().catch((err) => log.error({ err }, 'the place where mails are kept cannot be used'))
  await accounts.prepare(config.firstAdmin)
  metrics.measure([...logGauges, ...modules.flatMap((module) => module.gauges ?? [])])
  metrics.know([
    { name: 'beckon_streams', help: 'Streams and sockets that are open here.', value: () => hub.count().connections },
    { name: 'beckon_streams_position', help: 'How far this process has told the log.', value: () => hub.count().position },
  ])
  const aboutProcess = processRoutes({ database, version, isStopping: () => isStopping })
  const routes = role === 'worker' ? aboutProcess : [...modules.flatMap((module) => module.routes), ...aboutProcess]
  const shedding = createShedding({ database, log, afterMs: config.shedAfterMs, atOnce: config.requestsAtOnce })
  const server = await createServer({
    routes,
    pages:
      role === 'worker'
        ? [metricsPage(metrics, config.metricsToken)]
        : [
            metricsPage(metrics, config.metricsToken),
            ...modules.flatMap((module) => module.pages),
            ...referencePages({
              api: () => describeApi({ routes, publicUrl: config.publicUrl }),
              realtime: () => describeRealtime({ publicUrl: config.publicUrl }),
            }),
          ],
    log,
    clock,
    db: database.reader,
    transactor,
    tracing,
    idempotency: createIdempotency({ secret: secrets.key('idempotency'), stillSees }),
    limiter,
    authenticate: accounts.authenticate,
    spendToken: accounts.spendRealtimeToken,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutSeconds: config.requestTimeoutSeconds,
    slowRequestMs: config.slowRequestMs,
    shedding,
    isStopping: () => isStopping,
    onAnswered: (answered) => countAnswer(metrics, answered),
    uploadStallSeconds: config.uploadStallSeconds,
    ...(inspect ? { inspect } : {}),
  })

  let workEnded: Promise<unknown> | undefined
  const retire = (): void => {
    isStopping = true
    // All at once: what one of them waits for takes nothing from the time of the others.
    workEnded ??= Promise.all([
      receiving.close(),
      inbound.close(),
      timekeeper.stop(),
      dispatcher.stop(),
      sending.stop(),
      housekeeper.stop(),
      sweeper.stop(),
    ])
  }

  return {
    server,
    routes,
    transact: ground.transact,
    database,
    accounts,
    hub,
    postOffice: mail.postOffice,
    settle: async () => {
      presence.sweep()
      await sequencer?.settle()
      // Timers may owe deliveries, and deliveries set timers: until a round does nothing, or something goes round for ever.
      for (let round = 0, before = -1; before !== tries && round < SETTLE_ROUNDS; round++) {
        before = tries
        await timekeeper.settle()
        await dispatcher.settle()
        await inbound.worker.settle()
        await sending.settle()
      }
      await sequencer?.settle()
      await hub.settle()
    },
    openDoors: isWorking ? receiving.open : async () => ({ smtp: undefined, lmtp: undefined }),
    tidy: () => housekeeper.settle(),
    retire,
    close: async () => {
      retire()
      // It listens no more from here on, and waits for the answers that it owes.
      const served = server.close()
      await hub.close()
      await served
      await workEnded
      await sequencer?.stop()
      shedding.stop()
      presence.close()
      mail.postOffice.close()
      await renderer.close()
      files.close()
      mails.close()
      await bus.close()
      await tracing?.close()
      await database.close()
    },
  }
}
