import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import { Problem } from '../../platform/problems.ts'
import type { Cast, DemoDesk } from './desk.ts'
import { type Conversation, conversationOf, type Deed, dice } from './plan.ts'
import { fillIn } from './story.ts'

/** Something that was just done in a conversation, for whoever looks on. */
export interface Seen {
  number: number
  subject: string
  who: string
  what: string
}

// So many conversations go on side by side.
const AT_ONCE = 3

interface Running {
  conversation: Conversation
  deeds: Deed[]
  ticket_id: string | undefined
}

/**
 * Has people of the demo write to each other as it happens, until it is told to stop: a conversation begins, goes on among others, and
 * ends in a solved ticket. One in which somebody else takes a hand, so that it cannot go on, is left to him.
 */
export async function goOnLive(
  desk: DemoDesk,
  live: {
    cast: Cast
    clock: Clock
    /** The number of the conversation to begin with. */
    from: number
    /** How long people wait before they write, on average. */
    paceSeconds: number
    signal: AbortSignal
    onSeen: (seen: Seen) => void
  },
): Promise<void> {
  const { cast, clock, signal, paceSeconds } = live
  const throwDice = dice(live.from)
  const running: Running[] = []
  for (let next = live.from; !signal.aborted; ) {
    if (running.length < AT_ONCE && (running.length === 0 || throwDice() < 0.4)) running.push(begin(next++))
    const place = Math.floor(throwDice() * running.length)
    const one = running[place]
    const deed = one?.deeds.shift()
    if (one && deed) {
      const seen = await step(desk, { one, deed, cast, now: clock.now() })
      if (seen === undefined || one.deeds.length === 0) running.splice(place, 1)
      if (seen) live.onSeen(seen)
    }
    // Cut short, it ends all the same.
    await wait(paceSeconds * 1000 * (0.5 + throwDice()), undefined, { signal }).catch(() => {})
  }
}

function begin(number: number): Running {
  const conversation = conversationOf(number)
  const turns = conversation.story.turns.map((turn): Deed => ({ kind: 'turn', turn }))
  return { conversation, deeds: [{ kind: 'raise' }, { kind: 'take' }, ...turns], ticket_id: undefined }
}

/** Does the next thing in a conversation; undefined where it cannot go on. */
async function step(
  desk: DemoDesk,
  { one, deed, cast, now }: { one: Running; deed: Deed; cast: Cast; now: number },
): Promise<Seen | undefined> {
  const { conversation } = one
  try {
    const { ticket_id, number } = await desk.act(now, { cast, conversation, deed, ticket_id: one.ticket_id })
    one.ticket_id = ticket_id
    return { number, subject: fillIn(conversation.story.subject, conversation.details), ...tell(conversation, deed) }
  } catch (error) {
    if (error instanceof Problem && error.statusCode < 500) return undefined
    throw error
  }
}

function tell({ story, requester, agent, details }: Conversation, deed: Deed): { who: string; what: string } {
  const words = (text: string): string => fillIn(text, details).replace(/\s+/g, ' ')
  switch (deed.kind) {
    case 'raise':
      return { who: requester.name, what: words(story.opening) }
    case 'take':
      return { who: agent.name, what: '(takes the ticket)' }
    case 'finish':
      return { who: agent.name, what: words(deed.text) }
    case 'close':
      return { who: agent.name, what: '(closes the ticket)' }
    case 'turn': {
      const [by, text] = deed.turn
      return { who: (by === 'requester' ? requester : agent).name, what: by === 'note' ? `(note) ${words(text)}` : words(text) }
    }
  }
}
