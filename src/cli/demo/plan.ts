import { agents, type DemoPerson, requesters } from './people.ts'
import { german } from './stories/de.ts'
import { english } from './stories/en.ts'
import { spanish } from './stories/es.ts'
import { french } from './stories/fr.ts'
import { type Details, type Language, languages, type Story, type Turn } from './story.ts'

export const stories: Readonly<Record<Language, readonly Story[]>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
}

/** How many tickets the demo has. */
export const TICKETS = 200
/** How far back it begins. */
export const DAYS = 30

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A conversation with the people who have it. */
export interface Conversation {
  story: Story
  requester: DemoPerson
  agent: DemoPerson
  details: Details
}

/** What somebody does in a ticket of the demo, which is known by its number in the plan. */
export type Deed =
  | { kind: 'raise' }
  | { kind: 'take' }
  | { kind: 'turn'; turn: Turn }
  /** The last word, and the ticket is closed at once. */
  | { kind: 'finish'; text: string }
  | { kind: 'close'; by: 'requester' | 'agent' }

/** Something that happens at a moment, epoch milliseconds. */
export interface Act {
  at: number
  ticket: number
  deed: Deed
}

const products = [
  'Lark City 3',
  'Heron Cargo',
  'Kestrel 500',
  'Swift Kids 20',
  'Lark Tour E',
  'Finch Fold',
  'Heron Cargo L',
  'Kestrel GT',
]

/** The same numbers from 0 to 1 on every run, for a seed: mulberry32. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The conversation with this number: languages take turns, stories within a language too, and people and details differ. */
export function conversationOf(number: number): Conversation {
  const throwDice = dice(number)
  const language = languages[number % languages.length] ?? 'en'
  const told = stories[language]
  const round = Math.floor(number / languages.length)
  const story = pick(told, round)
  // Only who works for a company has a fleet.
  const isOfFleet = story.tags.includes('fleet')
  const those = requesters.filter((person) => person.language === language && (person.company !== null || !isOfFleet))
  const requester = pick(those, Math.floor(throwDice() * those.length))
  const able = agents.filter(({ speaks }) => speaks.includes(language))
  const agent = pick(able, round)
  const first = (person: DemoPerson): string => person.name.split(' ')[0] ?? person.name
  const cents = Math.floor(throwDice() * 280_000) + 1990
  const details = {
    name: first(requester),
    agent: first(agent),
    product: pick(products, Math.floor(throwDice() * products.length)),
    order: `LK-${String(104_200 + number * 37)}`,
    amount: amountIn(language, cents),
  }
  return { story, requester, agent, details }
}

function amountIn(language: Language, cents: number): string {
  const style = { style: 'currency', currency: language === 'en' ? 'GBP' : 'EUR' } as const
  return new Intl.NumberFormat(language === 'en' ? 'en-GB' : language, style).format(cents / 100)
}

/**
 * What happens in the demo up to `now`, in the order of time: the same plan for the same moment. Tickets come more often the nearer the
 * present, so that some are new, some are waited for and most are done. The last thing of all is the last ticket's beginning.
 *
 * A solved ticket is closed by Beckon after some days. What was solved longer ago than that is closed with the last word: else a server
 * that runs meanwhile would find its timer long due.
 */
export function planDemo(now: number, { closeAfterDays, tickets }: { closeAfterDays: number; tickets: number }): Act[] {
  const acts: Act[] = []
  for (let ticket = 0; ticket < tickets; ticket++) {
    const age = ((tickets - 1 - ticket) / (tickets - 1)) ** 1.7
    // The last one comes a minute ago: behind it there is nothing.
    const raised = now - MINUTE - Math.floor(age * DAYS * DAY)
    const own = actsOf(ticket, { raised, isRecent: raised > now - 12 * DAY })
    const past = own.filter(({ at, deed }) => at < now - MINUTE || deed.kind === 'raise')
    acts.push(...closeLongSolved(past, now - closeAfterDays * DAY + HOUR))
  }
  return acts.toSorted((a, b) => a.at - b.at || a.ticket - b.ticket)
}

/** Lets what was solved before a time be closed at once. */
function closeLongSolved(acts: readonly Act[], before: number): readonly Act[] {
  const place = acts.findIndex(({ at, deed }) => deed.kind === 'turn' && deed.turn[0] === 'solve' && at < before)
  const solving = acts[place]
  if (solving?.deed.kind !== 'turn') return acts
  return [...acts.slice(0, place), { ...solving, deed: { kind: 'finish', text: solving.deed.turn[1] } }]
}

/** Everything that will happen in a ticket that is raised at a moment. */
function actsOf(ticket: number, { raised, isRecent }: { raised: number; isRecent: boolean }): Act[] {
  const { story } = conversationOf(ticket)
  const throwDice = dice(ticket + 1_000_003)
  const acts: Act[] = [{ at: raised, ticket, deed: { kind: 'raise' } }]
  let at = raised
  const after = (least: number, most: number): number => {
    at += Math.floor(least + throwDice() * (most - least))
    return at
  }
  const atWork = (least: number, most: number): number => {
    at = workingTime(after(least, most), throwDice())
    return at
  }
  const haste = story.priority === 'urgent' ? 0.1 : story.priority === 'high' ? 0.4 : 1
  acts.push({ at: atWork(8 * MINUTE * haste, 5 * HOUR * haste), ticket, deed: { kind: 'take' } })
  // Of what is young some hangs: somebody has not answered yet.
  const hangs = throwDice() < 0.35 && isRecent
  for (const turn of story.turns) {
    const [least, most] = waits[turn[0]]
    const wait = turn[0] === 'requester' ? after : atWork
    acts.push({ at: wait(least, most), ticket, deed: { kind: 'turn', turn } })
    if (hangs && (turn[0] === 'ask' || turn[0] === 'hold' || turn[0] === 'requester')) return acts
  }
  // Some requesters close what is solved themselves; of the rest an agent closes a part, and Beckon the others in its time.
  const chance = throwDice()
  if (chance < 0.5)
    acts.push({ at: after(10 * HOUR, 5 * DAY), ticket, deed: { kind: 'close', by: chance < 0.3 ? 'requester' : 'agent' } })
  else acts.push({ at: after(5 * DAY, 6.8 * DAY), ticket, deed: { kind: 'close', by: 'agent' } })
  return acts
}

/** The first moment from here on at which agents work: by day (UTC). */
function workingTime(at: number, chance: number): number {
  const day = at - (at % DAY)
  const hour = (at - day) / HOUR
  const early = 6 * HOUR + chance * 2 * HOUR
  if (hour < 6) return Math.floor(day + early)
  return Math.floor(hour < 18 ? at : day + DAY + early)
}

const waits: Readonly<Record<Turn[0], readonly [least: number, most: number]>> = {
  requester: [25 * MINUTE, 22 * HOUR],
  agent: [6 * MINUTE, 4 * HOUR],
  ask: [6 * MINUTE, 3 * HOUR],
  hold: [10 * MINUTE, 5 * HOUR],
  solve: [10 * MINUTE, 9 * HOUR],
  note: [2 * MINUTE, 25 * MINUTE],
}

/** The thing at a place of a list that goes round and round. */
function pick<T>(list: readonly T[], place: number): T {
  const found = list[place % list.length]
  if (found === undefined) throw new Error('an empty list has nothing to pick')
  return found
}
