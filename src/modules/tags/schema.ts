import { type Static, Type } from 'typebox'
import { listOf, named, PageQuery, strict } from '../../platform/http/schemas.ts'
import { Tag as TagName } from '../desk/index.ts'

export const Tag = named(
  'Tag',
  Type.Object({
    object: Type.Literal('tag'),
    name: Type.String({ description: 'What it is called by, also in paths. Unique.' }),
    ticket_count: Type.Integer({ description: 'How many tickets carry it, of those whose staff side you see.' }),
  }),
)
export type Tag = Static<typeof Tag>

export const TagList = listOf('TagList', Tag)
export const TagQuery = strict({
  ...PageQuery,
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What the name begins with.' })),
})
// A letter may fold into several, so what is kept can be longer than what was sent.
export const TagParams = strict({ tag: { ...TagName, maxLength: 200 } })
export const TagPatch = named('TagPatch', strict({ name: TagName }))
export const TagMerge = named('TagMerge', strict({ into: { ...TagName, maxLength: 200 } }))
