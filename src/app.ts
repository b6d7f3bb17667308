import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { describeApi } from './api-description.ts'
import type { Config } from './config.ts'
import { house as firstMigration } from './migrations/0001-house.ts'
import { timers as timersMigration } from './migrations/0002-timers.ts'
import { workflow as workflowMigration } from './migrations/0003-workflow.ts'
import { fields as fieldsMigration } from './migrations/0004-fields.ts'
import { assignment as assignmentMigration } from './migrations/0005-assignment.ts'
import { routing as routingMigration } from './migrations/0006-routing.ts'
import { views as viewsMigration } from './migrations/0007-views.ts'
import { conversation as conversationMigration } from './migrations/0008-conversation.ts'

import { attachments as attachmentsMigration } from './migrations/0009-attachments.ts'
import { people as peopleMigration } from './migrations/0010-people.ts'
import { drafts as draftsMigration } from './migrations/0011-drafts.ts'
import { macros as macrosMigration } from './migrations/0012-macros.ts'
import { merging as mergingMigration } from './migrations/0013-merging.ts'
import { keptFiles as keptFilesMigration } from './migrations/0014-kept-files.ts'
import { scans as scansMigration } from './migrations/0015-scans.ts'

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
import { createJobs } from './modules/jobs/index.ts'

import { childrenOf, createLinks } from './modules/links/index.ts'

import { createMacros, seesMacro } from './modules/macros/index.ts'

import { createMail } from './modules/mail/index.ts'
import { createMerging } from './modules/merging/index.ts'
import { createRouting, isNamedByRules } from './modules/routing/index.ts'
import { createTags } from './modules/tags/index.ts'
import { createTickets, hasValues, isNamedByFields, isNamedByTickets } from './modules/tickets/index.ts'
import { createViews } from './modules/views/index.ts'
import { createWorkflow } from './modules/workflow/index.ts'
import type { Clock } from './platform/clock.ts'
import type { Database } from './platform/database/database.ts'
import type { Migration } from './platform/database/migrate.ts'
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
import { createServer } from './platform/http/server.ts'
import type { Logger } from './platform/log.ts'
import { createRenderer } from './platform/markdown/renderer.ts'
import type { Ground, Module } from './platform/module.ts'
import { createSecrets } from './platform/secrets.ts'
import { createSequencer } from './platform/sequencer.ts'
import './platform/tables.ts'
import { createTimekeeper, LOOKS_AHEAD_MS, type Tried as TriedTimer } from './platform/timers.ts'
import { createTransactor, type Transact } from './platform/transaction.ts'
import { createWorker } from './platform/worker.ts'
import { processRoutes } from './process-routes.ts'
import { referencePages } from './reference-pages.ts'
import { version } from './version.ts'

/** Every change of the schema, oldest first. */
export const migrations: Migration[] = [
  firstMigration,
  timersMigration,
  workflowMigration,
  fieldsMigration,
  assignmentMigration,
  routingMigration,
  viewsMigration,
  conversationMigration,
  attachmentsMigration,
  peopleMigration,
  draftsMigration,
  macrosMigration,
  mergingMigration,
  keptFilesMigration,
  scansMigration,
]

const SETTLE_ROUNDS = 100
// Waiting tickets that nothing called an agent for are found by then.
const SWEEP_MS = 30_000

/** The whole house, put together and running; it listens when its owner says so. */
export interface App {
  server: FastifyInstance
  routes: Route[]
  transact: Transact
  database: Database
  accounts: Accounts
  /** Resolves when every committed event has its position and everything that is due, deliveries and timers, has been tried. */
  settle(): Promise<void>
  /** Does now what is done once an hour. */
  tidy(): Promise<void>
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
  more = {},
}: {
  config: Config
  database: Database
  clock: Clock
  log: Logger
  secret: string
  inspect?: (route: Route, answer: Answer) => void
  /** What no module brings. */
  more?: Partial<Pick<Module, 'reactions' | 'timers' | 'jobs'>>
}): Promise<App> {
  const secrets = createSecrets(secret)
  const reactions: Parameters<typeof createTransactor>[0]['reactions'][number][] = []
  const transactor = createTransactor({
    database,
    clock,
    reactions,
    onCommit: ({ types, deliveries, timer_due_at }) => {
      // Here at once; other nodes notice within half a second.
      if (types.some(decidesRights)) accounts.forgetActors()
      sequencer?.wake()
      if (deliveries > 0) dispatcher.wake()
      if (timer_due_at !== null && timer_due_at < clock.now() + LOOKS_AHEAD_MS) timekeeper.wake()
    },
    onRetry: (error, attempt) => log.debug({ err: error, attempt }, 'transaction is run again'),
  })
  const renderer = createRenderer({
    onFailure: (failure, err) => log.warn({ failure, err }, 'a text is shown without Markdown, or without its images'),
  })
  const cursors = createCursors(secrets.key('cursors'))
  const ground: Ground = { database, clock, log, secrets, cursors, renderer, transact: transactor() }

  const mail = createMail(ground, { url: config.mailUrl, from: config.mailFrom, outboxIsServed: servesOutbox(config) })
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
  const tickets = createTickets(ground, { ...messageParts, childrenOf, lockMentioned, linkMentioned })
  const links = createLinks(ground)
  const conversation = createConversation(ground, messageParts)
  const merging = createMerging(ground)
  const views = createViews(ground)
  const assignment = createAssignment(ground)
  const history = createHistory()
  const tags = createTags(ground)
  const macros = createMacros(ground, messageParts)
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
  ]
  reactions.push(...[...modules, more].flatMap((part) => part.reactions ?? []))
  jobKinds.push(...modules.flatMap((module) => module.jobs ?? []))

  const sequencer =
    database.engine === 'mysql'
      ? createSequencer({ database, onError: (err) => log.error({ err }, 'the sequencer failed') })
      : null
  // How much has been tried: what `settle` goes by.
  let tries = 0
  const dispatcher = createDispatcher({
    database,
    clock,
    reactions,
    onTried: (tried) => {
      tries++
      logDelivery(log, tried)
    },
    onError: (err) => log.error({ err }, 'the dispatcher failed'),
  })
  const timekeeper = createTimekeeper({
    database,
    clock,
    transact: ground.transact,
    kinds: [...modules, more].flatMap((part) => part.timers ?? []),
    onTried: (tried) => {
      tries++
      logTimer(log, tried)
    },
    onError: (err) => log.error({ err }, 'the timekeeper failed'),
  })

  const housekeeper = createHousekeeper({
    chores: [
      ...attachments.chores,
      accounts.prune,
      conversation.prune,
      () => pruneDeliveries(database, clock),
      () => pruneIdempotencyKeys(database, clock.now() - KEPT_MS),
    ],
    onError: (err) => log.error({ err }, 'housekeeping failed'),
  })

  const sweeper = createWorker({
    pollMs: SWEEP_MS,
    run: async () => {
      await assignment.sweep()
      return false
    },
    onError: (err) => log.error({ err }, 'the sweep of waiting tickets failed'),
  })

  const stillSees: StillSees = (db, actor, subject) =>
    (subject.id.startsWith('att_') ? attachments : tickets).stillSees(db, actor, subject)

  // Told at the start, but no reason not to: it may come back, and everything else works without it.
  files.check().catch((err) => log.error({ err }, 'the place where files are kept cannot be used'))
  await accounts.prepare(config.firstAdmin)
  const routes = [...modules.flatMap((module) => module.routes), ...processRoutes({ database, version })]
  const server = await createServer({
    routes,
    pages: [
      ...modules.flatMap((module) => module.pages),
      ...referencePages(() => describeApi({ routes, publicUrl: config.publicUrl })),
    ],
    log,
    clock,
    db: database.reader,
    transactor,
    idempotency: createIdempotency({ secret: secrets.key('idempotency'), stillSees }),
    limiter: createLimiter({ name: 'default', points: config.rateLimitPerMinute, seconds: 60 }),
    authenticate: accounts.authenticate,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutSeconds: config.requestTimeoutSeconds,
    uploadStallSeconds: config.uploadStallSeconds,
    ...(inspect ? { inspect } : {}),
  })

  return {
    server,
    routes,
    transact: ground.transact,
    database,
    accounts,
    settle: async () => {
      await sequencer?.settle()
      // Timers may owe deliveries, and deliveries set timers: until a round does nothing, or something goes round for ever.
      for (let round = 0, before = -1; before !== tries && round < SETTLE_ROUNDS; round++) {
        before = tries
        await timekeeper.settle()
        await dispatcher.settle()
      }
      await sequencer?.settle()
    },
    tidy: () => housekeeper.settle(),
    close: async () => {
      await server.close()
      await timekeeper.stop()
      await dispatcher.stop()
      await housekeeper.stop()
      await sweeper.stop()
      await sequencer?.stop()
      mail.close()
      await renderer.close()
      files.close()
      await database.close()
    },
  }
}
