// Pure rules of lifecycles: which statuses there are, and which steps between them. No database, no clock.

/** The six fixed categories, which are the contract. */
export const statusCategories = ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'] as const
export type StatusCategory = (typeof statusCategories)[number]

/** Who may take a step: staff by role (an admin can do all that an agent can), the one who raised the ticket, or Beckon itself. */
export const takers = ['agent', 'admin', 'requester', 'system'] as const
export type Taker = (typeof takers)[number]

/** A status of a lifecycle. */
export interface StatusDefinition {
  /** Unique within the lifecycle; kept for ever. */
  key: string
  /** What staff call it. */
  label: string
  /** What requesters call it; null hides the status: they see its category instead. */
  requester_label: string | null
  category: StatusCategory
}

/** A step that a ticket may take. */
export interface Transition {
  from: string
  to: string
  by: readonly Taker[]
  /** What a ticket must have before it goes this way. */
  required_fields: readonly string[]
}

/** Where a ticket goes that comes from another lifecycle. */
export interface Mapping {
  from_lifecycle_id: string
  from_status: string
  to_status: string
}

/** A status that was taken away: tickets that still stand in it are as good as in the other one, and are being moved there. */
export interface Retired {
  key: string
  category: StatusCategory
  replaced_by: string
}

export interface Definition {
  statuses: readonly StatusDefinition[]
  transitions: readonly Transition[]
  mappings: readonly Mapping[]
  retired: readonly Retired[]
}

/** A lifecycle as tickets know it. */
export interface Lifecycle extends Definition {
  id: string
  version: number
}

/** What can be asked of a ticket before it takes a step; fields of an admin's own are `fields.` and their key. */
export const requirable = ['assignee_id', 'category_id', 'due_at', 'organization_id', 'pending_until', 'type_id'] as const
export const STATUS_KEY = '^[a-z][a-z0-9_]{0,39}$'

/** Whether tickets may stand in this status, or once could. */
export function knowsStatus(definition: Definition, key: string): boolean {
  let keys = keysKnown.get(definition)
  if (!keys) {
    keys = new Set([...definition.statuses, ...definition.retired].map((status) => status.key))
    keysKnown.set(definition, keys)
  }
  return keys.has(key)
}

// A definition does not change once it is read, and every ticket that is shown asks.
const keysKnown = new WeakMap<Definition, ReadonlySet<string>>()

/** The status in which a ticket really stands: of a retired one, the one that took its place. */
export function statusOf(lifecycle: Definition, key: string): StatusDefinition {
  const found = lifecycle.statuses.find((status) => status.key === key)
  if (found) return found
  const retired = lifecycle.retired.find((status) => status.key === key)
  if (!retired) throw new Error(`no lifecycle has the status ${key}`)
  return statusOf(lifecycle, retired.replaced_by)
}

/** What requesters see as the status: its key, or where it is hidden from them the name of its category. */
export function publicStatus({ key, category, requester_label }: StatusDefinition): string {
  return requester_label === null ? category : key
}

/** The status of a category in which tickets arrive when nobody names one: its first. */
export function firstIn(lifecycle: Definition, category: StatusCategory): StatusDefinition | undefined {
  return lifecycle.statuses.find((status) => status.category === category)
}

/** Where a ticket begins. */
export function initialStatus(lifecycle: Definition): StatusDefinition {
  const first = firstIn(lifecycle, 'new')
  if (!first) throw new Error('a lifecycle without a status for new tickets')
  return first
}

// A definition does not change once it is read, the lists of takers are few, and every ticket that is shown asks.
const ways = new WeakMap<Definition, Map<readonly Taker[], Map<string, readonly Transition[]>>>()

/** The steps out of a status that one of these may take, in the order of the statuses to which they lead. */
export function transitionsFrom(lifecycle: Definition, from: string, by: readonly Taker[]): readonly Transition[] {
  const byTakers = ways.get(lifecycle) ?? new Map<readonly Taker[], Map<string, readonly Transition[]>>()
  ways.set(lifecycle, byTakers)
  const known = byTakers.get(by) ?? new Map<string, readonly Transition[]>()
  byTakers.set(by, known)
  let found = known.get(from)
  if (!found) {
    found = findTransitions(lifecycle, from, by)
    known.set(from, found)
  }
  return found
}

function findTransitions(lifecycle: Definition, from: string, by: readonly Taker[]): Transition[] {
  const { key } = statusOf(lifecycle, from)
  return lifecycle.statuses.flatMap(({ key: to }) => {
    const step = lifecycle.transitions.find((transition) => transition.from === key && transition.to === to)
    return step?.by.some((taker) => by.includes(taker)) ? [step] : []
  })
}

const BECKON: readonly Taker[] = ['system']

/** The status of a category to which Beckon itself may bring a ticket from here; undefined where the lifecycle has no such step. */
export function automaticStep(lifecycle: Definition, from: string, category: StatusCategory): StatusDefinition | undefined {
  for (const { to } of transitionsFrom(lifecycle, from, BECKON)) {
    const status = statusOf(lifecycle, to)
    if (status.category === category) return status
  }
  return undefined
}

// Where there is no status of the same category, the nearest in meaning; every lifecycle has new, open, solved and closed.
const NEAREST: Record<StatusCategory, readonly StatusCategory[]> = {
  new: ['new'],
  open: ['open'],
  pending: ['pending', 'on_hold', 'open'],
  on_hold: ['on_hold', 'pending', 'open'],
  solved: ['solved'],
  closed: ['closed'],
}

/** Where a ticket stands that comes from another lifecycle: as the mapping says, else under the same key, else near by. */
export function mappedStatus(to: Definition, from: { lifecycle: Lifecycle; status: string }): StatusDefinition {
  const before = statusOf(from.lifecycle, from.status)
  const mapping = to.mappings.find(
    ({ from_lifecycle_id, from_status }) => from_lifecycle_id === from.lifecycle.id && from_status === before.key,
  )
  const mapped = mapping && statusOf(to, mapping.to_status)
  // The other lifecycle may have changed since the mapping was written.
  if (mapped && !misplacement(before.category, mapped.category)) return mapped
  const same = to.statuses.find(({ key, category }) => key === before.key && category === before.category)
  if (same) return same
  for (const category of NEAREST[before.category]) {
    const first = firstIn(to, category)
    if (first) return first
  }
  throw new Error('a lifecycle lacks a status that each must have')
}

/** Why tickets of one category may not be put into another without a step of theirs; undefined where they may. */
export function misplacement(from: StatusCategory, to: StatusCategory): string | undefined {
  if ((from === 'closed') !== (to === 'closed')) return 'What is closed stays closed, and what is not is not closed by this.'
  return to === 'new' && from !== 'new' ? 'What somebody has taken in hand is new no more.' : undefined
}

/** Something wrong with a definition: where, and why. */
export interface Fault {
  pointer: string
  code: string
  detail: string
}

const NEEDED: readonly StatusCategory[] = ['new', 'open', 'solved', 'closed']

/** What is wrong with a definition, all at once: no ticket may get stuck, and nothing may name what is not there. */
export function faultsOf(definition: Pick<Definition, 'statuses' | 'transitions' | 'mappings'>): Fault[] {
  const faults = [...faultsOfStatuses(definition.statuses), ...faultsOfTransitions(definition)]
  for (const [i, { to_status }] of definition.mappings.entries())
    if (!definition.statuses.some(({ key }) => key === to_status))
      faults.push({ pointer: `/mappings/${i}/to_status`, code: 'unknown_status', detail: 'There is no such status.' })
  return faults.length > 0 ? faults : faultsOfWays(definition)
}

function faultsOfStatuses(statuses: readonly StatusDefinition[]): Fault[] {
  const faults: Fault[] = []
  for (const category of NEEDED)
    if (!statuses.some((status) => status.category === category))
      faults.push({ pointer: '/statuses', code: 'category_missing', detail: `A status of the category ${category} is needed.` })
  for (const [i, { key, category, requester_label }] of statuses.entries()) {
    if (statuses.findIndex((other) => other.key === key) < i)
      faults.push({ pointer: `/statuses/${i}/key`, code: 'taken', detail: `Another status has the key ${key}.` })
    // A requester takes the name of a category for that category.
    if (key !== category && isCategory(key))
      faults.push({ pointer: `/statuses/${i}/key`, code: 'reserved', detail: `${key} is the name of another category.` })
    if (key !== category && requester_label === null && category === 'closed')
      faults.push({
        pointer: `/statuses/${i}/requester_label`,
        code: 'required',
        detail: 'Requesters must be able to see that a ticket is closed.',
      })
  }
  return faults
}

function isCategory(text: string): boolean {
  return statusCategories.some((category) => category === text)
}

function faultsOfTransitions({ statuses, transitions }: Pick<Definition, 'statuses' | 'transitions'>): Fault[] {
  const faults: Fault[] = []
  const byKey = new Map(statuses.map((status) => [status.key, status]))
  for (const [i, { from, to, by, required_fields }] of transitions.entries()) {
    const fault = (name: string, code: string, detail: string) =>
      faults.push({ pointer: `/transitions/${i}/${name}`, code, detail })
    const target = byKey.get(to)
    for (const name of ['from', 'to'] as const)
      if (!byKey.has(name === 'from' ? from : to)) fault(name, 'unknown_status', 'There is no such status.')
    if (from === to) fault('to', 'same_status', 'A step leads to another status.')
    if (byKey.get(from)?.category === 'closed') fault('from', 'closed', 'A closed ticket does not change.')
    if (target?.category === 'new' && byKey.get(from)?.category !== 'new')
      fault('to', 'new', 'What somebody has taken in hand is new no more.')
    if (transitions.findIndex((other) => other.from === from && other.to === to) < i)
      fault('to', 'taken', 'This step is there already.')
    if (by.includes('requester') && target?.requester_label === null)
      fault('by', 'hidden_status', 'A requester cannot go to a status that he does not see.')
    if (by.includes('requester') && required_fields.length > 0)
      fault(
        'required_fields',
        'not_for_requesters',
        'A requester cannot fill in what staff keep: make a step of its own for staff.',
      )
  }
  return faults
}

/** From every status there must be a way, for staff or by itself, to a closed one. */
function faultsOfWays({ statuses, transitions }: Pick<Definition, 'statuses' | 'transitions'>): Fault[] {
  const reaching = new Set(statuses.filter(({ category }) => category === 'closed').map(({ key }) => key))
  for (let grown = true; grown; ) {
    const more = transitions.filter((step) => reaching.has(step.to) && !reaching.has(step.from) && isTaken(statuses, step))
    for (const { from } of more) reaching.add(from)
    grown = more.length > 0
  }
  return statuses.flatMap(({ key }, i) =>
    reaching.has(key)
      ? []
      : [{ pointer: `/statuses/${i}`, code: 'stranded', detail: `From ${key} no steps of staff lead to a closed status.` }],
  )
}

/** Whether somebody or something is there to take a step: staff, or Beckon where it does so by itself. */
function isTaken(statuses: readonly StatusDefinition[], { from, to, by }: Transition): boolean {
  if (by.includes('agent') || by.includes('admin')) return true
  const categoryOf = (key: string) => statuses.find((status) => status.key === key)?.category
  return by.includes('system') && AUTOMATIC.some((step) => step.join() === [categoryOf(from), categoryOf(to)].join())
}

// An answer or a claim opens, a reply wakes, time wakes and closes.
const AUTOMATIC: readonly [from: StatusCategory, to: StatusCategory][] = [
  ['new', 'open'],
  ['pending', 'open'],
  ['on_hold', 'open'],
  ['solved', 'open'],
  ['solved', 'closed'],
]

const label: Record<StatusCategory, [string, string]> = {
  new: ['New', 'Received'],
  open: ['Open', 'In progress'],
  pending: ['Pending', 'Waiting for you'],
  on_hold: ['On hold', 'On hold'],
  solved: ['Solved', 'Solved'],
  closed: ['Closed', 'Closed'],
}

const WAYS: Record<StatusCategory, readonly [to: StatusCategory, by: readonly Taker[]][]> = {
  new: [
    ['open', ['agent', 'system']],
    ['pending', ['agent']],
    ['on_hold', ['agent']],
    ['solved', ['agent']],
    ['closed', ['agent', 'requester']],
  ],
  open: [
    ['pending', ['agent']],
    ['on_hold', ['agent']],
    ['solved', ['agent']],
    ['closed', ['agent', 'requester']],
  ],
  pending: [
    ['open', ['agent', 'system']],
    ['on_hold', ['agent']],
    ['solved', ['agent']],
    ['closed', ['agent', 'requester']],
  ],
  on_hold: [
    ['open', ['agent', 'system']],
    ['pending', ['agent']],
    ['solved', ['agent']],
    ['closed', ['agent', 'requester']],
  ],
  solved: [
    ['open', ['agent', 'requester', 'system']],
    ['closed', ['agent', 'requester', 'system']],
  ],
  closed: [],
}

/** The lifecycle that a new installation starts with: the keys of its statuses are the names of the categories. */
export const defaultDefinition: Definition = {
  statuses: statusCategories.map((category) => ({
    key: category,
    label: label[category][0],
    requester_label: label[category][1],
    category,
  })),
  transitions: statusCategories.flatMap((from) => WAYS[from].map(([to, by]) => ({ from, to, by, required_fields: [] }))),
  mappings: [],
  retired: [],
}
