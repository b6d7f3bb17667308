import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { NotFound, Problem } from '../../platform/problems.ts'
import { getVisibleQueue } from '../desk/index.ts'
import { getVisibleTicket } from '../tickets/index.ts'
import { getUsableList } from '../views/index.ts'
import { keyed, type Subscription } from './connection.ts'
import { type Topic, writeTopic } from './topic.ts'

/** A topic as somebody may listen to it now: 404 where it is hidden or missing. */
export async function openTopic(db: Reader, actor: Actor, topic: Topic): Promise<Subscription> {
  const asked = writeTopic(topic)
  switch (topic.kind) {
    case 'ticket': {
      const { id } = await getVisibleTicket(db, actor, topic.id)
      return { topic: { kind: 'ticket', id }, name: `ticket:${id}`, asked }
    }
    case 'queue': {
      const { archived_at } = await getVisibleQueue(db, actor, topic.id)
      if (archived_at !== null) throw NotFound()
      return { topic, name: asked, asked }
    }
    case 'view':
      return { topic, name: asked, asked, list: keyed(await getUsableList(db, actor, topic.id), actor) }
    case 'me':
    case 'all':
      return { topic, name: asked, asked }
  }
}

/** Those of somebody's subscriptions that are closed to him by now, or mean something else. */
export async function closedOf(db: Reader, actor: Actor, subscriptions: Iterable<Subscription>): Promise<Subscription[]> {
  const closed: Subscription[] = []
  for (const subscription of subscriptions) {
    try {
      const { list } = await openTopic(db, actor, subscription.topic)
      if (list?.key !== subscription.list?.key) closed.push(subscription)
    } catch (error) {
      if (!(error instanceof Problem) || error.statusCode >= 500) throw error
      closed.push(subscription)
    }
  }
  return closed
}
