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
import { realtimeTokens as realtimeTokensMigration } from './migrations/0016-realtime-tokens.ts'
import { readMarks as readMarksMigration } from './migrations/0017-read-marks.ts'
import { logFloor as logFloorMigration } from './migrations/0018-log-floor.ts'
import { mail as mailMigration } from './migrations/0019-mail.ts'
import { traces as tracesMigration } from './migrations/0021-traces.ts'
import { mailsOfActs } from './migrations/0022-mails-of-acts.ts'
import type { Migration } from './platform/database/migrate.ts'

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
  realtimeTokensMigration,
  readMarksMigration,
  logFloorMigration,
  mailMigration,
  tracesMigration,
  mailsOfActs,
]
