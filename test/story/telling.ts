import assert from 'node:assert/strict'
import { ACCOUNT_LINK } from '../accounts.ts'
import type { Caller, Desk, Json, Reply } from '../desk.ts'

/** What the chapters of the story share. */
export interface Telling {
  desk: Desk
  /** Nobody: sends no credential. */
  anyone: Caller
  /** Somebody with this credential. */
  as(token: string): Caller
}

/** Who is who after the first chapter. */
export interface Cast {
  grace: Caller
  ada: Caller
  bob: Caller
  ada_id: string
  bob_id: string
  bob_token: string
  organization_id: string
  team_id: string
  queue_id: string
  category_id: string
}

/** The body of an answer that succeeded as it should. */
export async function done(reply: Promise<Reply>, status = 200): Promise<Json> {
  const { status: answered, body, text } = await reply
  assert.equal(answered, status, text)
  return body
}

/** The body of an answer that refused as it should. */
export async function refused(reply: Promise<Reply>, code: string): Promise<Json> {
  const { body, text } = await reply
  assert.equal(body?.code, code, text)
  return body
}

/** The token in the last mail about the account of an address. */
export async function tokenFor(desk: Desk, email: string): Promise<string> {
  const mails = (await desk.mails()).filter(({ to, text }) => to === email && ACCOUNT_LINK.test(text))
  const [, token] = ACCOUNT_LINK.exec(mails.at(-1)?.text ?? '') ?? []
  assert.ok(token, `no link in a mail to ${email}`)
  return decodeURIComponent(token)
}
