import type { Bus } from '../../platform/bus.ts'
import type { Clock } from '../../platform/clock.ts'
import { newId } from '../../platform/ids.ts'
import { bounded, isNews, isOver, type Lease, NOTHING, type View } from './lease.ts'
import { type Here, type Listen, type Person, type Roster, standingOf, type Why } from './roster.ts'

const CHANNEL = 'presence'
/** What lasts is said again after so long, so that what was lost is heard then. */
const AGAIN_MS = 10_000
// Names may have 200 characters: so many people fit into one message.
const PEOPLE_IN_MESSAGE = 50
/** A node that starts anew is another one: so many are remembered. */
const NODES = 1_000

/** What a node says of somebody in a ticket, all his devices on it together. */
interface Word extends Lease {
  ticket_id: string
  person: Person
  side: View
}

/** Carries what is known of who is in a ticket between the nodes, for as long as it lasts. */
interface Neighbours {
  /** Gathers what the others do not know of somebody who is connected here. */
  say: Listen
  /** Gives out what was gathered: what is said in one go goes in one message. */
  flush(): void
  close(): void
}

export function createNeighbours({
  bus,
  clock,
  roster,
}: {
  bus: Bus
  clock: Clock
  roster: Pick<Roster, 'hold' | 'everybody'>
}): Neighbours {
  const node = newId('node')
  let seq = 0
  let gathered: Word[] = []
  const known = new WeakMap<Here, { lease: Lease; side: View; at: number }>()
  const lastOf = new Map<string, number>()

  const say = (here: Here, now: number, why: Why | 'reconnected'): void => {
    const { lease, side } = standingOf(here, now, 'own')
    const said = known.get(here) ?? { lease: NOTHING, side, at: now }
    // What has ended by itself has ended everywhere.
    const isOld = !isOver(lease, now) && (why === 'reconnected' || said.side !== side || now - said.at >= AGAIN_MS)
    if (!isOld && !(why === 'said' && isNews(said.lease, lease, now))) return
    known.set(here, { lease, side, at: now })
    gathered.push({ ticket_id: here.ticket_id, person: here.person, side, ...lease })
  }
  const flush = (): void => {
    const words = gathered
    gathered = []
    for (let i = 0; i < words.length; i += PEOPLE_IN_MESSAGE)
      bus.publish(CHANNEL, { node, seq: ++seq, people: words.slice(i, i + PEOPLE_IN_MESSAGE) })
  }
  const hear = (message: unknown): void => {
    const news = readNews(message)
    // What was on its way when a connection broke may come after what was said later.
    if (!news || news.seq <= (lastOf.get(news.node) ?? 0)) return
    lastOf.delete(news.node)
    lastOf.set(news.node, news.seq)
    const [longestSilent] = lastOf.keys()
    if (lastOf.size > NODES && longestSilent !== undefined) lastOf.delete(longestSilent)
    for (const { ticket_id, person, side, ...ends } of news.people) {
      const { id, name } = person
      const said = { ticket_id, person: { id, name }, holder: `node:${news.node}`, side, isOwn: false }
      roster.hold(said, (_, now) => bounded(ends, now))
    }
  }
  const stop = bus.subscribe(CHANNEL, hear)
  bus.onReconnect(() => {
    const now = clock.now()
    for (const here of roster.everybody()) say(here, now, 'reconnected')
    flush()
  })

  return { say, flush, close: stop }
}

/** What another node says; undefined for what has another shape, as what a node of another version says may have. */
function readNews(message: unknown): { node: string; seq: number; people: Word[] } | undefined {
  if (!isRecord(message)) return undefined
  const { node, seq, people } = message
  if (!isText(node) || !isNumber(seq) || !Array.isArray(people)) return undefined
  return { node, seq, people: people.filter(isWord) }
}

function isWord(said: unknown): said is Word {
  if (!isRecord(said) || !isRecord(said.person)) return false
  const isWhole = isText(said.ticket_id) && isText(said.person.id) && isText(said.person.name)
  const hasSide = said.side === 'staff' || said.side === 'requester'
  return isWhole && hasSide && isNumber(said.viewing) && isNumber(said.public) && isNumber(said.internal)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 400
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
