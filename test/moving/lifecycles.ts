import type { StatusDefinition, Taker, Transition } from '../../src/modules/workflow/lifecycle.ts'
import type { Chance } from './chance.ts'

/** A lifecycle that is changed again and again: statuses come and go, and some mean another thing to requesters. */
export interface Moving {
  id: string
  /** Statuses that every version of it has: one of each category that is needed. */
  kept: readonly StatusDefinition[]
  /** Those that come and go. */
  passing: StatusDefinition[]
}

/** How the keys begin of statuses that nobody has heard of before. */
export const NEW_STATUS = 'extra_'

const shown = (key: string, category: StatusDefinition['category']): StatusDefinition => ({
  key,
  label: key,
  requester_label: key,
  category,
})
const hidden = (key: string, category: StatusDefinition['category']): StatusDefinition => ({
  ...shown(key, category),
  requester_label: null,
})

const needed = [shown('new', 'new'), shown('open', 'open'), shown('solved', 'solved'), shown('closed', 'closed')]

/** The statuses of the moving lifecycles: some keys are in several, and `triage` is hidden in one of them. */
export const movingStatuses: Record<'first' | 'second' | 'third', Omit<Moving, 'id'>> = {
  first: { kept: needed, passing: [shown('pending', 'pending'), shown('on_hold', 'on_hold'), shown('triage', 'open')] },
  second: {
    kept: needed,
    passing: [hidden('triage', 'open'), shown('waiting', 'pending'), hidden('parts', 'on_hold'), shown('fixed', 'solved')],
  },
  third: {
    kept: [shown('fresh', 'new'), shown('working', 'open'), shown('done', 'solved'), shown('over', 'closed')],
    passing: [shown('waiting', 'on_hold'), hidden('secret', 'open'), hidden('checked', 'solved'), shown('gone', 'closed')],
  },
}

/** Every step that a lifecycle may have; requesters go where they see, and nothing is ever asked for. */
export function everyStep(statuses: readonly StatusDefinition[]): Transition[] {
  return statuses.flatMap((from) =>
    statuses
      .filter((to) => to.key !== from.key && from.category !== 'closed' && (to.category !== 'new' || from.category === 'new'))
      .map((to) => ({ from: from.key, to: to.key, by: takersOf(to), required_fields: [] })),
  )
}

function takersOf({ category, requester_label }: StatusDefinition): Taker[] {
  const isOpenToAll = category === 'open' || category === 'closed'
  return [
    'agent',
    ...(isOpenToAll ? (['system'] as const) : []),
    ...(isOpenToAll && requester_label ? (['requester'] as const) : []),
  ]
}

let made = 0

/** A version of a moving lifecycle, and where the tickets go of statuses that it leaves out. Now and then with a new status. */
export function nextVersion(chance: Chance, moving: Moving) {
  const { kept, passing } = moving
  if (chance.happens(40)) passing.push(shown(`${NEW_STATUS}${++made}`, chance.one(['open', 'pending', 'solved'] as const)))
  const statuses = [...kept, ...chance.some(passing)]
  const left = passing.filter((status) => !statuses.includes(status))
  const replacements = Object.fromEntries(left.map(({ key, category }) => [key, chance.one(replacing(statuses, category)).key]))
  return { statuses, transitions: everyStep(statuses), replacements }
}

/** What may take the place of a status: the closed stays closed, and nothing becomes new again. */
function replacing(statuses: readonly StatusDefinition[], category: StatusDefinition['category']): StatusDefinition[] {
  return statuses.filter(
    (status) => (status.category === 'closed') === (category === 'closed') && (status.category !== 'new' || category === 'new'),
  )
}
