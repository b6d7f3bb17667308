import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { ExternalId, listOf, Metadata, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { importedPatch } from './metadata.ts'

/** A name on one line, with something to see in it. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  // One pass: patterns are looked at on texts of any length.
  pattern: '^(?!\\s*$)\\P{Cc}+$',
  description: 'On one line, at most 200 characters.',
})

/** A language; whether it is one is another question. */
export const Locale = Type.String({
  minLength: 2,
  maxLength: 35,
  pattern: '^[A-Za-z0-9-]+$',
  description: 'The language that they read, BCP 47. Mail comes in the nearest of those that there are.',
  examples: ['de-AT'],
})

/** A time zone; whether it is one is another question. */
export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
  description: 'Where their clock is, a name of the IANA time zone database.',
  examples: ['Europe/Vienna'],
})

/** An identifier in a path, a query or a body; whether there is such an object is another question. */
export const Id = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })

const id = (example: string) => Type.String({ examples: [example] })
const stamps = { created_at: Time, updated_at: Time, version: Type.Integer({ description: 'Plus one with every change.' }) }
const imported = { external_id: nullable(ExternalId), metadata: Metadata }
const newImported = { external_id: Type.Optional(nullable(ExternalId)), metadata: Type.Optional(Metadata) }

export const RoleName = Type.Enum(['requester', 'agent', 'admin'], { type: 'string' })
export const OrganizationRole = Type.Enum(['member', 'manager'], {
  type: 'string',
  description: 'A manager sees the tickets of the whole organization.',
})

export const User = named(
  'User',
  Type.Object({
    id: id('usr_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('user'),
    role: RoleName,
    name: Type.String(),
    email: Type.String({ format: 'email' }),
    email_verified: Type.Boolean({ description: 'Whether the address was proven to be theirs: verified, or set by an admin.' }),
    locale: nullable(Locale),
    time_zone: nullable(TimeZone),
    organization_id: nullable(Type.String()),
    organization_role: nullable(OrganizationRole),
    active: Type.Boolean({ description: 'Whether they may sign in.' }),
    ...imported,
    ...stamps,
  }),
)
export type User = Static<typeof User>

export const UserList = listOf('UserList', User)
export const UserQuery = strict({
  ...CreationQuery,
  role: Type.Optional(Type.Array(RoleName)),
  organization_id: Type.Optional(Type.Array(Id)),
  email: Type.Optional(Type.String({ minLength: 1, maxLength: 320, description: 'The whole address, in any case.' })),
  external_id: Type.Optional(ExternalId),
  active: Type.Optional(Type.Boolean()),
})

export const Organization = named(
  'Organization',
  Type.Object({
    id: id('org_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('organization'),
    name: Type.String(),
    ...imported,
    ...stamps,
  }),
)
export type Organization = Static<typeof Organization>

export const OrganizationList = listOf('OrganizationList', Organization)
export const OrganizationQuery = strict({ ...CreationQuery, external_id: Type.Optional(ExternalId) })
export const NewOrganization = named('NewOrganization', strict({ name: Name, ...newImported }))
export const OrganizationPatch = named('OrganizationPatch', strict({ name: Type.Optional(Name), ...importedPatch }))

export const Team = named(
  'Team',
  Type.Object({
    id: id('team_01k9zz3c5pe6nrzv8d1a2b3c4d'),
    object: Type.Literal('team'),
    name: Type.String(),
    member_ids: Type.Array(Type.String(), { description: 'Its members, in the order of their ids.' }),
    ...stamps,
  }),
)
export type Team = Static<typeof Team>

export const TeamList = listOf('TeamList', Team)
export const TeamQuery = strict({
  ...CreationQuery,
  member_id: Type.Optional(Id),
})
export const NewTeam = named('NewTeam', strict({ name: Name }))
export const TeamPatch = named('TeamPatch', strict({ name: Type.Optional(Name) }))
