import { Type } from 'typebox'
import { listOf, named, PageQuery, strict, Time } from '../../platform/http/schemas.ts'
import { TicketParams } from '../tickets/index.ts'
import { linkKinds, madeKinds } from './link.ts'

export const TicketLink = named(
  'TicketLink',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('ticket_link'),
    kind: Type.Enum(linkKinds, {
      type: 'string',
      description:
        'What the other ticket is to this one. `parent`: this one is a part of it; `duplicates`: this one asks the same as it; `split_from`: messages of it began this one.',
    }),
    ticket_id: Type.String({ description: 'The other ticket.' }),
    ticket_number: Type.Integer({ description: 'What people call the other ticket by.' }),
    created_by: Type.Object({ type: Type.Enum(['user', 'api_key', 'system'], { type: 'string' }), id: Type.String() }),
    created_at: Time,
    updated_at: Time,
    version: Type.Integer(),
  }),
)

export const TicketLinkList = listOf('TicketLinkList', TicketLink)
export const LinkQuery = strict(PageQuery)
export const LinkParams = strict({
  ...TicketParams.properties,
  link: Type.String({ pattern: '^lnk_[0-9a-hjkmnp-tv-z]{26}$', description: 'A link of this ticket.' }),
})
export const NewTicketLink = named(
  'NewTicketLink',
  strict({
    ticket_id: { ...TicketParams.properties.ticket, description: 'The other ticket, by id, number or external id.' },
    kind: Type.Enum([...madeKinds], { type: 'string', description: 'What the other ticket is to this one.' }),
  }),
)
