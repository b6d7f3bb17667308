import { type Static, Type } from 'typebox'
import { listOf, named, nullable, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { Id, Name } from '../directory/index.ts'
import { ListInclude, TicketSort } from '../tickets/index.ts'

const FilterName = Type.String({ pattern: '^[\\s\\S]{1,200}$' })
const aboutFilters =
  'The filters of `GET /v1/tickets` by their names, written as in its query: `{"status_category": "new,open", "assignee_id": "me"}`. `me` is whoever looks.'
const Filters = Type.Record(FilterName, Type.String(), {
  description: aboutFilters,
  examples: [{ status_category: 'new,open', assignee_id: 'me' }],
})

/** Filters as they are sent: each as text, or as an array of what is written with commas between. */
function newFilters<T>(types: string[], description: string) {
  const value = {
    type: types,
    items: { type: 'string', maxLength: 500 },
    minLength: 1,
    maxLength: 5000,
    minItems: 1,
    maxItems: 50,
  }
  return Type.Record(FilterName, Type.Unsafe<T>(value), { additionalProperties: false, maxProperties: 40, description })
}

const Visibility = Type.Enum(['private', 'team'], {
  type: 'string',
  description: '`private`: its owner sees it. `team`: also the members of the team `team_id`, and admins.',
})
const Position = Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Its place in the list, the lowest first.' })

export const View = named(
  'View',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('view'),
    name: Type.String(),
    filters: Filters,
    sort: nullable(Type.String({ description: 'The order of its tickets; null: the newest first.' })),
    visibility: Visibility,
    team_id: nullable(Type.String({ description: 'The team with which it is shared.' })),
    owner_id: Type.String(),
    position: Position,
    count: Type.Optional(
      nullable(
        Type.Integer({
          description: 'With `include=count`: how many tickets it shows you now; null when the view is outdated.',
        }),
      ),
    ),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer({ description: 'Plus one with every change.' }),
  }),
)
export type View = Static<typeof View>

export const ViewList = listOf('ViewList', View)
export const ViewQuery = strict({
  ...PageQuery,
  visibility: Type.Optional(Visibility),
  team_id: Type.Optional({ ...Id, description: 'Those shared with this team.' }),
  owner_id: Type.Optional({ ...Id, description: 'Those of this person, or of `me`.' }),
  include: Type.Optional(
    Type.Array(Type.Enum(['total', 'count'], { type: 'string' }), {
      description: '`total`: how many views there are in all. `count`: with each view how many tickets it shows you.',
    }),
  ),
})

export const NewView = named(
  'NewView',
  strict({
    name: Name,
    filters: Type.Optional(
      newFilters<string | string[]>(['string', 'array'], `${aboutFilters} An array stands for its parts with commas between.`),
    ),
    sort: Type.Optional(nullable(TicketSort)),
    visibility: Type.Optional({ ...Visibility, default: 'private' }),
    team_id: Type.Optional(nullable(Id)),
    position: Type.Optional(Position),
  }),
)
export type NewView = Static<typeof NewView>

export const ViewPatch = named(
  'ViewPatch',
  strict({
    name: Type.Optional(Name),
    filters: Type.Optional(
      newFilters<string | string[] | null>(['string', 'array', 'null'], 'Merged with what is there: a filter that is null goes.'),
    ),
    sort: Type.Optional(nullable(TicketSort)),
    visibility: Type.Optional(Visibility),
    team_id: Type.Optional(nullable(Id)),
    owner_id: Type.Optional({ ...Id, description: 'An admin gives a view that he sees to another active agent.' }),
    position: Type.Optional(Position),
  }),
)
export type ViewPatch = Static<typeof ViewPatch>

export const ViewTicketQuery = strict({
  ...PageQuery,
  include: ListInclude,
})

const many = (about: string) => Type.Integer({ description: about })
export const QueueCounts = named(
  'QueueCounts',
  Type.Object({
    queue_id: Type.String(),
    object: Type.Literal('queue_counts'),
    new: many('Tickets of the category `new`.'),
    open: many('Tickets of the category `open`.'),
    unassigned: many('Tickets that wait for somebody: new or open, and nobody has them.'),
    mine: many('New and open tickets that are assigned to you.'),
    pending_overdue: many('Pending tickets, and those on hold, whose `pending_until` is over.'),
  }),
)
export type QueueCounts = Static<typeof QueueCounts>
export const QueueCountsList = named(
  'QueueCountsList',
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(QueueCounts),
    has_more: Type.Boolean(),
    next_cursor: Type.Null(),
  }),
)
