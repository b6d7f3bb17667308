import { personAsOfNow } from '../../modules/accounts/index.ts'
import { postMessage } from '../../modules/conversation/index.ts'
import { type Text, toText } from '../../modules/messages/index.ts'
import { addTags, closeTicket, raiseTicket, updateTicket } from '../../modules/tickets/index.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { createRenderer } from '../../platform/markdown/renderer.ts'
import { createSequencer } from '../../platform/sequencer.ts'
import { createTransactor, type Transact, type Tx } from '../../platform/transaction.ts'
import type { Conversation, Deed } from './plan.ts'
import { type CategoryName, fillIn, type QueueName } from './story.ts'

/** Where the demo's people, queues and categories are found in the database, by the keys of the demo. */
export interface Cast {
  users: ReadonlyMap<string, string>
  queues: ReadonlyMap<QueueName, string>
  categories: ReadonlyMap<CategoryName, string>
}

/** What the demo does, it does here: by the commands that requests use, each in a transaction at the moment at which it happens. */
export interface DemoDesk {
  /** Opens a transaction at a moment, epoch milliseconds. */
  at(moment: number): Transact
  /** Does one thing in a conversation; `ticket_id` is that of its ticket, undefined before it is raised. Answers the ticket. */
  act(
    moment: number,
    doing: { cast: Cast; conversation: Conversation; deed: Deed; ticket_id: string | undefined },
  ): Promise<DoneDeed>
  /** To be called before the database is closed. */
  close(): Promise<void>
}

/** What was done, for whoever looks on. */
export interface DoneDeed {
  ticket_id: string
  number: number
}

/**
 * Opens the desk of the demo. No reaction is owed after what happens in it: who would be told of it by mail is not. Nothing else hangs on
 * the reactions here, since the demo deletes nothing, moves no agent and attaches no file.
 */
export function openDemoDesk(database: Database, log: Logger): DemoDesk {
  let now = 0
  // On MariaDB and MySQL events are told once they have their positions, and no server need run.
  const sequencer =
    database.engine === 'mysql'
      ? createSequencer({ database, onError: (err) => log.error({ err }, 'the sequencer failed') })
      : undefined
  const onCommit = (): void => sequencer?.wake()
  const transact = createTransactor({ database, clock: { now: () => now }, reactions: [], onCommit })()
  const renderer = createRenderer({ onFailure: () => {} })
  const at = (moment: number): Transact => {
    now = moment
    return transact
  }
  return {
    at,
    async act(moment, { cast, conversation, deed, ticket_id }) {
      const { story, requester, agent, details } = conversation
      const say = (text: string): Promise<Text> => toText(renderer, fillIn(text, details))
      const as = (tx: Tx, person: { key: string }): Promise<Actor> => actorOf(tx, idOf(cast.users, person.key))
      if (deed.kind === 'raise') {
        const text = await say(story.opening)
        return at(moment)(async (tx) => {
          const { ticket } = await raiseTicket(tx, await as(tx, requester), {
            subject: fillIn(story.subject, details),
            text,
            queue_id: idOf(cast.queues, story.queue),
            category_id: idOf(cast.categories, story.category),
          })
          return { ticket_id: ticket.id, number: ticket.number }
        })
      }
      if (ticket_id === undefined) throw new Error('the ticket of a conversation is raised first')
      const done = ({ id, number }: { id: string; number: number }): DoneDeed => ({ ticket_id: id, number })
      switch (deed.kind) {
        case 'take':
          return at(moment)(async (tx) => {
            const actor = await as(tx, agent)
            const changes = { assignee_id: actor.id, ...(story.priority ? { priority: story.priority } : {}) }
            await updateTicket(tx, actor, { ticket: ticket_id, changes })
            return done(await addTags(tx, actor, { ticket: ticket_id, tags: [...story.tags] }))
          })
        case 'turn': {
          const [by, words] = deed.turn
          const text = await say(words)
          const status = statusAfter[by]
          return at(moment)(async (tx) => {
            const actor = await as(tx, by === 'requester' ? requester : agent)
            const visibility = by === 'note' ? 'internal' : 'public'
            const { ticket } = await postMessage(tx, actor, { ticket: ticket_id, text, visibility })
            return done(status === undefined ? ticket : await updateTicket(tx, actor, { ticket: ticket.id, changes: { status } }))
          })
        }
        case 'finish': {
          const text = await say(deed.text)
          return at(moment)(async (tx) => done(await closeTicket(tx, await as(tx, agent), { ticket: ticket_id, text })))
        }
        case 'close':
          return at(moment)(async (tx) => {
            const actor = await as(tx, deed.by === 'requester' ? requester : agent)
            return done(await closeTicket(tx, actor, { ticket: ticket_id }))
          })
      }
    },
    async close() {
      await sequencer?.settle()
      await sequencer?.stop()
      await renderer.close()
    },
  }
}

const statusAfter = {
  requester: undefined,
  agent: undefined,
  note: undefined,
  ask: 'pending',
  hold: 'on_hold',
  solve: 'solved',
} as const

async function actorOf(tx: Tx, user_id: string): Promise<Actor> {
  const actor = await personAsOfNow(tx.db, user_id)
  if (!actor) throw new Error(`${user_id} may do nothing any more`)
  return actor
}

function idOf<K>(ids: ReadonlyMap<K, string>, key: K): string {
  const id = ids.get(key)
  if (id === undefined) throw new Error(`the demo has lost ${String(key)}`)
  return id
}
