import type { Actor } from '../../platform/actor.ts'
import type { Database } from '../../platform/database/database.ts'
import { requireAccess } from '../../platform/http/access.ts'
import type { Limiter } from '../../platform/http/rate-limit.ts'
import type { ProblemBody } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import { NotFound, Problem } from '../../platform/problems.ts'
import type { Transact } from '../../platform/transaction.ts'
import type { Posted } from '../conversation/index.ts'
import { toMessage } from '../messages/index.ts'
import { getVisibleTicket } from '../tickets/index.ts'
import type { ClientFrame, PassingFrame, ServerFrame } from './frames.ts'
import type { Heard, Line } from './live.ts'
import { readTopic, writeTopic } from './topic.ts'

type Side = 'public' | 'internal'

/** What frames of clients reach in the rest of the house: each by the very door of the operation that does the same. */
export interface Doors {
  post(actor: Actor, sent: { ticket: string; body: unknown }, within: Transact): Promise<Posted>
  markRead(
    actor: Actor,
    reached: { ticket: string; message_id?: string | undefined; state: 'read' | 'delivered' },
  ): Promise<unknown>
  markDelivered(actor: Actor, messages: readonly { ticket_id: string; message_id: string }[]): Promise<void>
  look(actor: Actor, said: { ticket: string; holder: string; active: boolean }): Promise<void>
  type(actor: Actor, said: { ticket: string; holder: string; active: boolean; visibility: Side }): Promise<void>
  /** Ends all that a connection holds. */
  leave(holder: string): void
  /** What tells a reader of a side who is in a ticket now. */
  refreshed(ticket_id: string, reader: 'staff' | 'requester'): PassingFrame[]
}

/** A client as those see it who do what it says. */
export interface Client {
  readonly line: Line
  /** By which what it says of presence is held. */
  readonly holder: string
  tell(frame: ServerFrame): void
}

/** The frames that wait for their turn; the others are done with when they are read. */
export type Command = Exclude<ClientFrame, { type: 'ping' | 'ack' }>

interface ObeyingParts {
  database: Database
  log: Logger
  doors: Doors
  limiter: Limiter
  transactor: (origin: { request_id: string }) => Transact
  /** Says what an error is to the client, and logs what is no fault of his. */
  explain(error: unknown, request_id: string): ProblemBody
}

/** Does what clients say. */
export interface Obeying {
  /** Does one thing, and answers it: what is refused is answered by an `error` frame. Never throws. */
  obey(client: Client, command: Command): Promise<void>
  /** Tells who is in these tickets now, as far as the reader may know. Never throws. */
  tellWhoIsHere(client: Pick<Client, 'line' | 'tell'>, ticket_ids: readonly string[]): Promise<void>
}

// Counted by the connection alone: they come every few seconds, and leave nothing behind.
const PASSING: ReadonlySet<string> = new Set(['typing', 'presence'])

const write = { roles: ['requester', 'agent', 'admin'], scope: 'tickets:write' } as const

export function createObeying(parts: ObeyingParts): Obeying {
  const { database, log, doors, limiter, transactor } = parts
  const db = database.reader

  const tellWhoIsHere: Obeying['tellWhoIsHere'] = async (client, ticket_ids) => {
    for (const id of ticket_ids) {
      if (doors.refreshed(id, 'staff').length === 0) continue
      try {
        const { view } = await getVisibleTicket(db, client.line.actor, id)
        for (const frame of doors.refreshed(id, view)) client.tell(frame)
      } catch (err) {
        if (!(err instanceof Problem)) log.debug({ err }, 'who is here was not told')
      }
    }
  }

  const heardTicketsOf = (line: Line): string[] => line.topics.flatMap((topic) => (topic.kind === 'ticket' ? [topic.id] : []))

  /** The same topics, tickets by their ids; those that are hidden or missing stay as they are named. */
  const resolved = (actor: Actor, names: readonly string[]) =>
    Promise.all(
      names.map(readTopic).map(async (topic) => {
        if (topic.kind !== 'ticket' || topic.id.startsWith('tkt_')) return topic
        try {
          return { kind: topic.kind, id: (await getVisibleTicket(db, actor, topic.id)).id }
        } catch (error) {
          if (error instanceof Problem && error.definition === NotFound) return topic
          throw error
        }
      }),
    )

  const run = async (client: Client, command: Command, request_id: string): Promise<void> => {
    const { line } = client
    const { actor } = line
    const named = command.ref === undefined ? {} : { ref: command.ref }
    const onHeard = ({ topics, position }: Heard): void =>
      client.tell({ type: 'subscribed', ...named, position, topics: topics.map(writeTopic) })
    switch (command.type) {
      case 'subscribe': {
        const before = new Set(heardTicketsOf(line))
        await line.subscribe(command.topics.map(readTopic), { after: command.after, onHeard })
        return tellWhoIsHere(
          client,
          heardTicketsOf(line).filter((id) => !before.has(id)),
        )
      }
      case 'unsubscribe':
        return onHeard(line.unsubscribe(await resolved(actor, command.topics)))
      case 'resume':
        return line.resume(command.after, onHeard)
      case 'send': {
        requireAccess(write, actor)
        const { type, ref, ticket, ...body } = command
        const { message, was_there } = await doors.post(actor, { ticket, body }, transactor({ request_id }))
        const status = was_there ? 200 : 201
        client.tell({ type: 'ack', ...named, client_id: command.client_id, status, message: toMessage(message) })
        return
      }
      case 'read':
        requireAccess(write, actor)
        await doors.markRead(actor, { ticket: command.ticket, message_id: command.message_id, state: 'read' })
        return
      case 'typing': {
        requireAccess(write, actor)
        const { ticket, visibility = 'public', active = true } = command
        return doors.type(actor, { ticket, holder: client.holder, visibility, active })
      }
      case 'presence':
        requireAccess(write, actor)
        return doors.look(actor, { ticket: command.ticket, holder: client.holder, active: command.active ?? true })
    }
  }

  return {
    tellWhoIsHere,
    async obey(client, command) {
      const request_id = newId('req')
      const began = performance.now()
      let status = 200
      try {
        if (!PASSING.has(command.type)) await limiter.take(client.line.actor.id)
        await run(client, command, request_id)
      } catch (error) {
        const problem = parts.explain(error, request_id)
        status = problem.status
        const { ref, client_id } = { client_id: undefined, ...command }
        client.tell({
          type: 'error',
          ...(ref === undefined ? {} : { ref }),
          ...(client_id === undefined ? {} : { client_id }),
          problem,
        })
      }
      const ms = Math.round((performance.now() - began) * 10) / 10
      const level = PASSING.has(command.type) ? 'debug' : 'info'
      log[level]({ request_id, frame: command.type, status, ms, actor_id: client.line.actor.id }, 'frame')
    },
  }
}
