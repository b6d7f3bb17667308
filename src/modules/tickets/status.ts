import { type News, news } from '../../platform/events.ts'
import type { StatusDefinition } from '../workflow/index.ts'
import { ticketStatusChanged } from './events.ts'
import type { TicketRow } from './tables.ts'
import { enterStatus, shownStatus } from './ticket.ts'

/** What is written and said when a ticket goes to another status. */
export interface StatusChange {
  set: Partial<TicketRow>
  announce: News[]
}

/** A ticket's step to another status: one piece of news for each side that sees something of it. */
export function changeStatus(before: TicketRow, status: StatusDefinition, now: number): StatusChange {
  const set = enterStatus(status, before, now)
  return { set, announce: statusNews(before, { ...before, ...set }) }
}

/** What is announced when a ticket has gone from one status to another. */
export function statusNews(before: TicketRow, after: TicketRow): News[] {
  const announce: News[] = []
  const [was, is] = [shownStatus(before), shownStatus(after)]
  const isShown = was !== is || before.status_category !== after.status_category
  if (isShown)
    announce.push(
      news(ticketStatusChanged, {
        visibility: 'public',
        data: { status: is, status_category: after.status_category },
        previous: { status: was, status_category: before.status_category },
      }),
    )
  // Where requesters see another name, or nothing at all, staff are told the real one, even if it stays.
  const isWhole = isShown && is === after.status && was === before.status
  if (!isWhole && (isShown || before.status !== after.status))
    announce.push(
      news(ticketStatusChanged, {
        visibility: 'internal',
        data: { status: after.status, status_category: after.status_category },
        previous: { status: before.status, status_category: before.status_category },
      }),
    )
  return announce
}
