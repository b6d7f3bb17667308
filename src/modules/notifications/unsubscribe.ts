import { isId } from '../../platform/ids.ts'
import { isSameSecret, type Secrets } from '../../platform/secrets.ts'
import { type Kind, kinds } from './choices.ts'

/** What a link in a mail turns off: a kind of mail, all that is told of a ticket, or digests. */
export interface Subscription {
  user_id: string
  what: { kind: Kind } | { ticket_id: string } | { digests: true }
}

/** The token of a link that turns something off, for as long as the installation keeps its secret; it gives no other right. */
export function unsubscribeToken(secrets: Pick<Secrets, 'seal'>, { user_id, what }: Subscription): string {
  const name = nameOf(what)
  return `${user_id}.${name}.${secrets.seal('unsubscribe', user_id, name)}`
}

/** What a token turns off; undefined where Beckon did not make it. */
export function readUnsubscribeToken(secrets: Pick<Secrets, 'seal'>, token: string): Subscription | undefined {
  const [user_id = '', name = '', seal = '', ...more] = token.split('.')
  if (more.length > 0 || !isSameSecret(seal, secrets.seal('unsubscribe', user_id, name))) return undefined
  const kind = kinds.find((one) => one === name)
  if (kind) return { user_id, what: { kind } }
  if (isId('tkt', name)) return { user_id, what: { ticket_id: name } }
  return name === 'digests' ? { user_id, what: { digests: true } } : undefined
}

function nameOf(what: Subscription['what']): string {
  if ('kind' in what) return what.kind
  return 'ticket_id' in what ? what.ticket_id : 'digests'
}
