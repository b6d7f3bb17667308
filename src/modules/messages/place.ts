/**
 * How far apart the messages of a conversation stand: so many can be put between two neighbours when another ticket's messages
 * come in.
 */
export const PLACES_BETWEEN = 2 ** 20

/** The place of a message by the number that its ticket gave out for it under its row lock. */
export function placeOf(number: number): number {
  return number * PLACES_BETWEEN
}

/** A message with its place and its time. */
export interface Placed {
  id: string
  place: number
  created_at: number
}

/** Where a message stands from now on. */
export type Move = Pick<Placed, 'id' | 'place'>

/** Places for so many messages, evenly between two that are taken; undefined where they are not enough. */
export function spread(count: number, { after, before }: { after: number; before: number }): number[] | undefined {
  const step = Math.floor((before - after) / (count + 1))
  return step < 1 ? undefined : Array.from({ length: count }, (_, i) => after + step * (i + 1))
}

/**
 * Puts messages of another conversation among those that are here, by their times; of the same moment those that are here come
 * first. `end` is a place behind them all. Those that are here keep their places: only where the room between two is used up do
 * others that came in earlier move closer together. Undefined where there is no room at all.
 */
export function placesAmong(
  here: readonly Placed[],
  incoming: readonly Omit<Placed, 'place'>[],
  end: number,
): { incoming: Move[]; shifted: Move[] } | undefined {
  const order = inOrderOfTime(here, incoming)
  const placed: Move[] = []
  // From one that never moves to the next: those have the places that their ticket's numbers gave them.
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && !isFixed(order[to])) to++
    const bounds = { after: order[from - 1]?.place ?? 0, before: order[to]?.place ?? end }
    const places = placesWithin(order.slice(from, to), bounds)
    if (!places) return undefined
    placed.push(...places)
    from = to + 1
  }
  const was = new Map(here.map(({ id, place }) => [id, place]))
  return {
    incoming: placed.filter(({ id }) => !was.has(id)),
    shifted: placed.filter(({ id, place }) => was.has(id) && was.get(id) !== place),
  }
}

/** A message in the new order; one that comes in has no place yet. */
type Waiting = Pick<Placed, 'id'> & { place?: number }

function isFixed(message: Waiting | undefined): boolean {
  return message?.place !== undefined && message.place % PLACES_BETWEEN === 0
}

function inOrderOfTime(here: readonly Placed[], incoming: readonly Omit<Placed, 'place'>[]): Waiting[] {
  const order: Waiting[] = []
  let next = 0
  for (const { id, created_at } of incoming) {
    for (let one = here[next]; one && one.created_at <= created_at; one = here[++next]) order.push(one)
    order.push({ id })
  }
  return [...order, ...here.slice(next)]
}

/** Places for the messages between two that stay: in the gaps where they come, or, where one of these is too small, all anew. */
function placesWithin(order: readonly Waiting[], bounds: { after: number; before: number }): Move[] | undefined {
  return placesInGaps(order, bounds) ?? placesAnew(order, bounds)
}

function placesInGaps(order: readonly Waiting[], { after, before }: { after: number; before: number }): Move[] | undefined {
  const placed: Move[] = []
  let waiting: string[] = []
  let last = after
  for (const { id, place } of [...order, { id: '', place: before }]) {
    if (place === undefined) {
      waiting.push(id)
      continue
    }
    const places = spread(waiting.length, { after: last, before: place })
    if (!places) return undefined
    placed.push(...places.map((one, i) => ({ id: waiting[i] ?? '', place: one })))
    if (id !== '') placed.push({ id, place })
    waiting = []
    last = place
  }
  return placed
}

function placesAnew(order: readonly Waiting[], bounds: { after: number; before: number }): Move[] | undefined {
  return spread(order.length, bounds)?.map((place, i) => ({ id: order[i]?.id ?? '', place }))
}
