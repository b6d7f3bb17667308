import { createHash, randomBytes } from 'node:crypto'

const PREFIX = 'beckon_sk_'
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 40

const nouns = [
  'tickets',
  'users',
  'organizations',
  'teams',
  'queues',
  'categories',
  'lifecycles',
  'fields',
  'ticket_types',
  'routing_rules',
  'tags',
  'views',
  'canned_replies',
  'macros',
  'agents',
  'settings',
  'events',
  'attachments',
  'mailboxes',
  'sending_domains',
  'outbound_mails',
  'suppressions',
  'inbound',
  'mail_templates',
] as const

/** What an API key may be limited to. */
export const scopes: readonly string[] = ['*', ...nouns.flatMap((noun) => [`${noun}:read`, `${noun}:write`]), 'jobs:read']

/** A new secret: 200 random bits. */
export function newApiSecret(): string {
  return PREFIX + Array.from(randomBytes(LENGTH), (byte) => DIGITS[byte & 31]).join('')
}

export function isApiSecret(bearer: string): boolean {
  return bearer.startsWith(PREFIX)
}

/** What is kept of a secret. It is random, so a plain digest is enough. */
export function hashApiSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
