import { Type } from 'typebox'
import { defineEvent } from '../../platform/events.ts'
import { strict } from '../../platform/http/schemas.ts'

/** Somebody asked for an account. Nobody's address is in it: the mail goes to that of the registration's row. */
export const registrationRequested = defineEvent('registration.requested', strict({}))

/** Somebody asked for a new password, for an address that may or may not be known. */
export const passwordResetRequested = defineEvent('password_reset.requested', strict({}))

/** A user wants to move to another address, which is still to be verified. */
export const emailChangeRequested = defineEvent('user.email_change_requested', strict({ email_change_id: Type.String() }))

/** Somebody was given an account and is to choose a password. */
export const userInvited = defineEvent('user.invited', strict({ invitation_id: Type.String() }))

/** A user has another password; `sessions_ended` tells how many devices were signed out. */
export const userPasswordChanged = defineEvent('user.password_changed', strict({ sessions_ended: Type.Integer() }))

/** Somebody signed in. */
export const sessionCreated = defineEvent('session.created', strict({ user_id: Type.String() }))

/** A session ended before its time; from here on its tokens open nothing. */
export const sessionRevoked = defineEvent('session.revoked', strict({ user_id: Type.String(), reason: Type.String() }))

/** An API key was made. */
export const apiKeyCreated = defineEvent('api_key.created', strict({ role: Type.String(), scopes: Type.Array(Type.String()) }))

/** An API key opens nothing any more. */
export const apiKeyRevoked = defineEvent('api_key.revoked', strict({}))

/** Access tokens are signed with another key from here on. */
export const signingKeyRotated = defineEvent('signing_key.rotated', strict({}))
