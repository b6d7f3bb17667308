// What somebody does in a ticket at present is a lease: it ends by itself unless he says it again. Times are epoch milliseconds.

/** How long somebody counts as looking at a ticket after he said so; clients say it again every twenty seconds. */
export const VIEWING_MS = 45_000
/** How long somebody counts as writing after he said so; clients say it again every three seconds. */
export const TYPING_MS = 8_000

/** What is said to last, and how long at a time. */
export const lengths = { viewing: VIEWING_MS, public: TYPING_MS, internal: TYPING_MS } as const
type Doing = keyof typeof lengths
const doings: readonly Doing[] = ['viewing', 'public', 'internal']

/** Until when somebody looks, writes for all, and writes for staff; 0 where he does not. */
export type Lease = Readonly<Record<Doing, number>>

/** On which side somebody writes. */
export type Side = 'public' | 'internal'

/** From which side somebody sees a ticket. */
export type View = 'staff' | 'requester'

export const NOTHING: Lease = { viewing: 0, public: 0, internal: 0 }

/** After somebody said that he looks, or does no more. */
export function looking(lease: Lease, active: boolean, now: number): Lease {
  return { ...lease, viewing: active ? now + VIEWING_MS : 0 }
}

/** After somebody said on which side he writes, or that he does no more: one device writes on one side. */
export function typing(lease: Lease, side: Side | null, now: number): Lease {
  return { ...lease, public: 0, internal: 0, ...(side === null ? {} : { [side]: now + TYPING_MS }) }
}

/** What is left at a moment: what has ended is as if it had never been said. */
export function leftOf(lease: Lease, now: number): Lease {
  const left = (doing: Doing): number => (lease[doing] > now ? lease[doing] : 0)
  return { viewing: left('viewing'), public: left('public'), internal: left('internal') }
}

/** Nothing lasts longer than if it were said now: neither by the clock of another node, nor by one that was set back since. */
export function bounded(lease: Lease, now: number): Lease {
  const end = (doing: Doing): number => Math.min(lease[doing], now + lengths[doing])
  return { viewing: end('viewing'), public: end('public'), internal: end('internal') }
}

export function isOver(lease: Lease, now: number): boolean {
  return doings.every((doing) => lease[doing] <= now)
}

/** Several devices of one person are one person, until the last of them is gone. */
export function together(leases: Iterable<Lease>): Lease {
  let { viewing, public: open, internal } = NOTHING
  for (const lease of leases) {
    viewing = Math.max(viewing, lease.viewing)
    open = Math.max(open, lease.public)
    internal = Math.max(internal, lease.internal)
  }
  return { viewing, public: open, internal }
}

/** Whether who knows the `known` lease has to hear of the present one: what is done is another, or ends later than he would wait. */
export function isNews(known: Lease, lease: Lease, now: number): boolean {
  return doings.some((doing) => {
    const [was, is] = [known[doing], lease[doing]]
    return was > now !== is > now || isRenewed(doing, { was, is }, now)
  })
}

/** Whether who knows the end that something had has to hear that it has a later one: half of the time is over. */
export function isRenewed(doing: Doing, { was, is }: { was: number; is: number }, now: number): boolean {
  return is > was && was - now < lengths[doing] / 2
}

/** What a reader may know of somebody: until when he looks, and where and until when he writes. 0 and null where he does not. */
export interface Shown {
  viewing: number
  typing: Side | null
  typing_until: number
}

/**
 * What a reader may know of somebody who sees the ticket from a side. The public side never learns that somebody of the staff looks at
 * the ticket, nor that anybody writes what is internal. Who writes on both sides at once, on two devices, is shown as writing for all.
 */
export function shownTo(reader: View, { lease, side }: { lease: Lease; side: View }, now: number): Shown {
  const { viewing, public: open, internal } = leftOf(lease, now)
  const shown = { viewing: reader === 'requester' && side === 'staff' ? 0 : viewing }
  if (open > 0) return { ...shown, typing: 'public', typing_until: open }
  if (internal > 0 && reader === 'staff') return { ...shown, typing: 'internal', typing_until: internal }
  return { ...shown, typing: null, typing_until: 0 }
}
