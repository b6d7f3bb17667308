import type { Page, PageRequest } from '../../platform/http/page.ts'
import { renderTokenPage, type TokenPage, tokenPagePolicy } from '../mail/index.ts'
import type { SigningKeys } from './signing-keys.ts'

const hint = 'At least 10 characters.'
const newPassword = { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint } as const
const email = { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email' } as const

const linkPages: Record<`/${string}`, Omit<TokenPage, 'token'>> = {
  '/verify': {
    title: 'Confirm your address',
    // Asked for every time: so whoever signed up with somebody else's address never has the password of the account.
    intro: 'Choose the password of your account. If you have just signed up yourself, type the one that you chose.',
    action: '/v1/auth/verify',
    fields: [newPassword],
    submitLabel: 'Confirm',
    doneText: 'Your address is confirmed. You can log in now.',
  },
  '/reset': {
    title: 'Choose a new password',
    intro: 'It ends all sessions of your account.',
    action: '/v1/auth/password/reset',
    fields: [newPassword],
    submitLabel: 'Set password',
    doneText: 'Your new password is set. You can log in now.',
  },
  '/invite': {
    title: 'Welcome',
    intro: 'Choose a password for your account.',
    action: '/v1/auth/password/reset',
    fields: [newPassword],
    submitLabel: 'Set password',
    doneText: 'Your password is set. You can log in now.',
  },
  '/change-email': {
    title: 'Confirm your new address',
    intro: 'From then on you log in with this address.',
    action: '/v1/auth/verify',
    fields: [],
    submitLabel: 'Confirm',
    doneText: 'Your new address is confirmed.',
  },
  '/setup': {
    title: 'Set up Beckon',
    intro: 'Make the first admin of this help desk.',
    action: '/v1/auth/setup',
    fields: [email, newPassword],
    submitLabel: 'Create the admin',
    doneText: 'The admin is made. You can log in now.',
  },
}

/** The small pages behind the links in mails, and the public keys of access tokens. */
export function accountPages({ keys }: { keys: SigningKeys }): Page[] {
  return [
    ...Object.entries(linkPages).map(([path, page]) => linkPage(path as `/${string}`, page)),
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      handle: async () => ({
        status: 200,
        type: 'application/jwk-set+json',
        body: JSON.stringify({ keys: await keys.published() }),
        headers: { 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' },
      }),
    },
  ]
}

/** A page that spends nothing by being looked at: link scanners of mail servers open every link. */
function linkPage(path: `/${string}`, page: Omit<TokenPage, 'token'>): Page {
  return {
    method: 'GET',
    path,
    handle: ({ query }: PageRequest) => ({
      status: 200,
      type: 'text/html; charset=utf-8',
      body: renderTokenPage({ ...page, token: typeof query.token === 'string' ? query.token.slice(0, 200) : '' }),
      headers: { 'Content-Security-Policy': tokenPagePolicy, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
    }),
  }
}
