import { type Static, Type } from 'typebox'
import { CreationQuery } from '../../platform/http/list.ts'
import { ExternalId, listOf, Metadata, named, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { Id, importedPatch, Locale, Name, OrganizationRole, RoleName, TimeZone, User } from '../directory/index.ts'
import { scopes } from './api-key.ts'

const Email = Type.String({ format: 'email', maxLength: 254, examples: ['ada@example.com'] })
/** A password that somebody chooses. */
const NewPassword = Type.String({
  minLength: 10,
  maxLength: 256,
  description: '10 to 256 characters, and not one of the most common passwords.',
  examples: ['correct-horse-battery'],
})
/** A password that somebody shows. */
const Password = Type.String({ minLength: 1, maxLength: 256, examples: ['correct-horse-battery'] })
const LinkToken = Type.String({ minLength: 1, maxLength: 200, description: 'The `token` of the link in the mail.' })

export const Registration = named(
  'Registration',
  Type.Object({ object: Type.Literal('registration'), status: Type.Literal('check_your_mail') }),
)
export const PasswordReset = named(
  'PasswordReset',
  Type.Object({ object: Type.Literal('password_reset'), status: Type.Literal('check_your_mail') }),
)

export const NewRegistration = named('NewRegistration', strict({ email: Email, password: NewPassword, name: Name }))
export const Verification = named(
  'Verification',
  strict({
    token: LinkToken,
    password: Type.Optional({
      ...NewPassword,
      description: 'Asked for (`password_required`) where the address is known already.',
    }),
  }),
)
export const Login = named('Login', strict({ email: Type.String({ minLength: 1, maxLength: 320 }), password: Password }))
export const Refresh = named('Refresh', strict({ refresh_token: Type.String({ minLength: 1, maxLength: 500 }) }))
export const Setup = named(
  'Setup',
  strict({
    token: Type.String({ minLength: 1, maxLength: 200, description: 'The `token` of the set-up link.' }),
    email: Email,
    password: NewPassword,
    name: Type.Optional(Name),
  }),
)
export const ForgottenPassword = named('ForgottenPassword', strict({ email: Email }))
export const ResetPassword = named('ResetPassword', strict({ token: LinkToken, password: NewPassword }))
export const ChangePassword = named('ChangePassword', strict({ current_password: Password, password: NewPassword }))

const { external_id, metadata, ...own } = User.properties

/** The caller, as he sees himself. */
export const Me = named(
  'Me',
  Type.Object(
    {
      ...own,
      external_id: Type.Optional({ ...external_id, 'x-staff-only': true }),
      metadata: Type.Optional({ ...metadata, 'x-staff-only': true }),
    },
    { description: 'You. Requesters get it without the keys that are not required here.' },
  ),
)
export type Me = Static<typeof Me>
export const MePatch = named(
  'MePatch',
  strict({
    name: Type.Optional(Name),
    email: Type.Optional({ ...Email, description: 'Takes effect when it is verified, by the link that is mailed to it.' }),
    locale: Type.Optional(nullable(Locale)),
    time_zone: Type.Optional(nullable(TimeZone)),
  }),
)

export const Session = named(
  'Session',
  Type.Object({
    id: Type.String(),
    object: Type.Literal('session'),
    access_token: Type.String({ description: 'A JWT; send it as `Authorization: Bearer …`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds for which the access token is good.' }),
    refresh_token: Type.String({ description: 'Good for one refresh, which answers the next one.' }),
    user: Me,
  }),
)
export type Session = Static<typeof Session>

export const Device = named(
  'Device',
  Type.Object(
    {
      id: Type.String(),
      object: Type.Literal('session'),
      current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
      client_address: nullable(Type.String()),
      user_agent: nullable(Type.String()),
      last_used_at: { ...Time, description: 'When it was opened or last refreshed.' },
      expires_at: { ...Time, description: 'When it ends unless it is refreshed before.' },
      created_at: Time,
      updated_at: Time,
      version: Type.Integer(),
    },
    { description: 'A session without its tokens: a device on which you are signed in.' },
  ),
)
export type Device = Static<typeof Device>
export const DeviceList = listOf('DeviceList', Device)
export const DeviceQuery = strict({ ...CreationQuery })

const Scope = Type.Enum([...scopes], { type: 'string' })
const KeyRole = Type.Enum(['agent', 'admin'], { type: 'string', description: 'An agent key works in the queues without teams.' })
const apiKey = {
  id: Type.String(),
  object: Type.Literal('api_key'),
  name: Type.String(),
  role: KeyRole,
  scopes: Type.Array(Scope),
  hint: Type.String({ description: 'The last characters of the secret.' }),
  created_by_id: Type.String(),
  expires_at: nullable(Time),
  last_used_at: nullable({ ...Time, description: 'To the minute.' }),
  created_at: Time,
  updated_at: Time,
  version: Type.Integer(),
}
export const ApiKey = named('ApiKey', Type.Object(apiKey))
export type ApiKey = Static<typeof ApiKey>
export const ApiKeyWithSecret = named(
  'ApiKeyWithSecret',
  Type.Object({ ...apiKey, secret: Type.String({ description: 'Shown this once.', examples: ['beckon_sk_…'] }) }),
)
export const ApiKeyList = listOf('ApiKeyList', ApiKey)
export const ApiKeyQuery = strict({ ...CreationQuery })
export const NewApiKey = named(
  'NewApiKey',
  strict({
    name: Name,
    role: Type.Optional({ ...KeyRole, default: 'agent' }),
    scopes: Type.Optional(
      Type.Array(Scope, {
        minItems: 1,
        maxItems: scopes.length,
        uniqueItems: true,
        description: 'What it may do; `*`, the default, is all that its role may.',
      }),
    ),
    expires_at: Type.Optional(nullable(Time)),
  }),
)

export const RealtimeToken = named(
  'RealtimeToken',
  Type.Object({
    object: Type.Literal('realtime_token'),
    token: Type.String({ description: 'Give it as `?token=`, once.', examples: ['beckon_rt_…'] }),
    expires_at: Time,
  }),
)

const person = {
  locale: Type.Optional(nullable(Locale)),
  time_zone: Type.Optional(nullable(TimeZone)),
  organization_id: Type.Optional(nullable(Id)),
  organization_role: Type.Optional(nullable(OrganizationRole)),
  active: Type.Optional(Type.Boolean({ description: 'Whether they may sign in. False ends their sessions at once.' })),
}
export const NewUserBody = named(
  'NewUser',
  strict({
    role: Type.Optional(RoleName),
    name: Name,
    email: { ...Email, description: 'Counts as verified.' },
    password: Type.Optional({
      ...NewPassword,
      description: 'With it they can sign in at once; without it an invitation is mailed.',
    }),
    ...person,
    external_id: Type.Optional(nullable(ExternalId)),
    metadata: Type.Optional(Metadata),
  }),
)
export const UserPatch = named(
  'UserPatch',
  strict({
    role: Type.Optional(RoleName),
    name: Type.Optional(Name),
    email: Type.Optional({ ...Email, description: 'Counts as verified.' }),
    password: Type.Optional({ ...NewPassword, description: 'Their new password; it ends their sessions.' }),
    ...person,
    ...importedPatch,
  }),
)
export const IdParams = strict({ id: Id })
