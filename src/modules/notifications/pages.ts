import type { Page } from '../../platform/http/page.ts'
import type { Ground } from '../../platform/module.ts'
import { renderTokenPage, tokenPagePolicy } from '../mail/index.ts'
import { endSubscription } from './commands/end-subscription.ts'
import { InvalidUnsubscribeToken } from './problems.ts'
import { readUnsubscribeToken } from './unsubscribe.ts'

const headers = { 'Content-Security-Policy': tokenPagePolicy, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }

/**
 * Where the link in a mail leads. Looking turns nothing off, because mail servers open every link; the button does, and so does the POST
 * that mail programs send by themselves when somebody clicks theirs (RFC 8058 §3.2).
 */
export function unsubscribePages({ secrets, transact }: Pick<Ground, 'secrets' | 'transact'>): Page[] {
  const tokenOf = (query: Record<string, unknown>): string => (typeof query.token === 'string' ? query.token.slice(0, 300) : '')
  return [
    {
      method: 'GET',
      path: '/unsubscribe',
      handle: ({ query }) => ({
        status: 200,
        type: 'text/html; charset=utf-8',
        body: renderTokenPage({
          title: 'Unsubscribe',
          intro: 'You will get no more mails of this kind. Mail about your account is not affected.',
          action: '/v1/unsubscribe',
          token: tokenOf(query),
          fields: [],
          submitLabel: 'Unsubscribe',
          doneText: 'Done: you get no more mails of this kind.',
        }),
        headers,
      }),
    },
    {
      method: 'POST',
      path: '/unsubscribe',
      handle: async ({ query }) => {
        const subscription = readUnsubscribeToken(secrets, tokenOf(query))
        if (!subscription) throw InvalidUnsubscribeToken()
        await transact((tx) => endSubscription(tx, subscription))
        return { status: 200, type: 'text/plain; charset=utf-8', body: 'You get no more mails of this kind.\n', headers }
      },
    },
  ]
}
