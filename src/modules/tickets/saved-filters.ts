import type { Actor } from '../../platform/actor.ts'
import type { Reader } from '../../platform/database/schema.ts'
import { parameterReader } from '../../platform/http/validate.ts'
import { type FieldError, invalidFields, Problem } from '../../platform/problems.ts'
import type { TicketFilters } from './filters.ts'
import { countTickets, type ListedTicket, listTickets, matchTickets, type Sort } from './list-tickets.ts'
import { TicketQuery } from './schema.ts'

/** Filters and order of a list as somebody keeps them: its parameters by their names, as they are written in the query. */
export interface SavedList {
  filters: Readonly<Record<string, string>>
  sort: string | null
}

const readQuery = parameterReader(TicketQuery, 'declared names')
// These say which rows of the list are shown, not which tickets stand in it.
const NO_FILTERS = new Set(['limit', 'cursor', 'sort', 'include'])

/** The order of a kept list. */
export function savedSort({ sort }: SavedList): Sort {
  return (sort ?? '-created_at') as Sort // read by the schema before it is used
}

/** The tickets of a kept list, as listTickets gives them. Throws 422 as requireSavedList does. */
export async function listSavedTickets(
  db: Reader,
  actor: Actor,
  { saved, ...page }: Pick<Parameters<typeof listTickets>[2], 'after' | 'limit'> & { saved: SavedList },
): Promise<ListedTicket[]> {
  const filters = readSavedList(saved)
  return pointing(() => listTickets(db, actor, { ...page, filters, sort: savedSort(saved) }))
}

/** How many tickets a kept list has. Throws 422 as requireSavedList does. */
export async function countSavedTickets(db: Reader, actor: Actor, saved: SavedList): Promise<number> {
  const filters = readSavedList(saved)
  return pointing(() => countTickets(db, actor, filters))
}

/** Those of these tickets that stand in a kept list on one side, as matchTickets finds them. Throws 422 as requireSavedList does. */
export async function matchSavedTickets(
  db: Reader,
  actor: Actor,
  { saved, ...of }: Omit<Parameters<typeof matchTickets>[2], 'filters'> & { saved: Pick<SavedList, 'filters'> },
): Promise<Set<string>> {
  const filters = readSavedList({ ...saved, sort: null })
  return pointing(() => matchTickets(db, actor, { ...of, filters }))
}

/** Refuses what the list would refuse: 422 with pointers below `/filters`, or to `/sort`. The list itself is asked. */
export async function requireSavedList(db: Reader, actor: Actor, saved: SavedList): Promise<void> {
  await listSavedTickets(db, actor, { saved, after: undefined, limit: 1 })
}

/** Reads each parameter by itself, as the list's own query is read, so that all mistakes are told at once. */
function readSavedList({ filters, sort }: SavedList): TicketFilters {
  const errors: FieldError[] = []
  const read: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(filters)) {
    if (NO_FILTERS.has(name)) errors.push({ pointer: `/filters/${name}`, code: 'unknown_field', detail: `${name} is no filter.` })
    else read[name] = readOne(errors, name, text)
  }
  if (sort !== null) readOne(errors, 'sort', sort)
  if (errors.length > 0) throw invalidFields(errors)
  // The reader lets through only what its schema declares.
  return read as TicketFilters
}

function readOne(errors: FieldError[], name: string, text: string): unknown {
  try {
    return readQuery({ [name]: text })[name]
  } catch (error) {
    errors.push(...pointed(error))
    return undefined
  }
}

/** Runs a list; what it says of its parameters is said of the kept ones. */
async function pointing<T>(list: () => Promise<T>): Promise<T> {
  try {
    return await list()
  } catch (error) {
    throw invalidFields(pointed(error))
  }
}

function pointed(error: unknown): FieldError[] {
  if (!(error instanceof Problem) || error.statusCode !== 400) throw error
  return (error.extras.errors ?? []).map(({ parameter = '', code, detail }) => ({
    pointer: pointerTo(parameter),
    code: code === 'unknown' ? 'unknown_field' : code,
    detail,
  }))
}

function pointerTo(name: string): string {
  return name === 'sort' ? '/sort' : `/filters/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
