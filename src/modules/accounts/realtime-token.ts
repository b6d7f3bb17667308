import { createHash, randomBytes } from 'node:crypto'

const FORM = /^beckon_rt_[A-Za-z0-9_-]{32}$/

/** A new token: 192 random bits. */
export function newRealtimeToken(): string {
  return `beckon_rt_${randomBytes(24).toString('base64url')}`
}

/** Whether a text has the form of a realtime token. */
export function isRealtimeToken(text: string): boolean {
  return FORM.test(text)
}

/** What is kept of a token. It is random, so a plain digest is enough. */
export function hashRealtimeToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
