import { type Static, Type } from 'typebox'
import { named, nullable, strict, Time } from '../../platform/http/schemas.ts'

const Person = Type.Object({ id: Type.String(), name: Type.String() })

const Side = Type.Enum(['public', 'internal'], {
  type: 'string',
  description: '`internal` for what only staff of the ticket may know of. Requesters have `public` only.',
})

/** Somebody who is in a ticket at present, as a reader may know of him. */
export const Presence = named(
  'Presence',
  Type.Object({
    object: Type.Literal('presence'),
    user: Type.Object(
      { id: Type.String({ description: 'A person, or an API key.' }), name: Type.String() },
      { description: 'Who it is. Several devices of one person are one.' },
    ),
    viewing: Type.Boolean({ description: 'Whether he looks at the ticket. Requesters are not told this of staff.' }),
    typing: nullable(
      Type.Enum(['public', 'internal'], {
        type: 'string',
        description: 'Where he is writing: `public` for all to see, `internal` for staff; null where he is not.',
      }),
    ),
    expires_at: nullable({
      ...Time,
      description: 'When all of it has ended by itself, unless he says it again; null where nothing is said.',
    }),
  }),
)
export type Presence = Static<typeof Presence>

export const PresenceList = named(
  'PresenceList',
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(Presence),
    has_more: Type.Boolean(),
    next_cursor: Type.Null(),
  }),
)

export const PresenceChanges = named(
  'PresenceChanges',
  strict(
    {
      viewing: Type.Optional(Type.Boolean({ description: 'Whether you look at the ticket. It holds for 45 seconds.' })),
      typing: Type.Optional(
        nullable(
          Type.Enum(['public', 'internal'], {
            type: 'string',
            description: 'Where you are writing; null where you are not any more. It holds for eight seconds.',
          }),
        ),
      ),
    },
    'What you leave out stays as you said it before.',
  ),
)

/** Told to who listens at the moment, and kept nowhere. */
export const TypedFrame = named(
  'TypedFrame',
  Type.Object(
    {
      type: Type.Literal('typing'),
      ticket_id: Type.String(),
      user: Person,
      visibility: Side,
      active: Type.Boolean(),
      expires_at: nullable(Time),
    },
    { description: 'Somebody is writing, or is not any more.' },
  ),
)

/** Told to who listens at the moment, and kept nowhere. */
export const PresentFrame = named(
  'PresentFrame',
  Type.Object(
    {
      type: Type.Literal('presence'),
      ticket_id: Type.String(),
      user: Person,
      active: Type.Boolean(),
      expires_at: nullable(Time),
    },
    { description: 'Somebody is looking at a ticket, or is not any more.' },
  ),
)

/** What is told of who is in a ticket. */
export type PresenceFrame = Static<typeof TypedFrame> | Static<typeof PresentFrame>
