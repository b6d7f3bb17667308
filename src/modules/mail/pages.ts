import type { Page } from '../../platform/http/page.ts'
import { RouteNotFound } from '../../platform/http/problems.ts'
import type { Ground } from '../../platform/module.ts'
import { outboxPagePolicy, renderOutboxPage } from './outbox-page.ts'
import { isLocalRequest } from './policy.ts'
import { listOutbox } from './queries.ts'

const SHOWN = 200

/** The development outbox: a page for people, JSON for programs. Whoever is not on this machine finds no such path. */
export function outboxPages({ database }: Pick<Ground, 'database'>): Page[] {
  return [
    {
      method: 'GET',
      path: '/dev/outbox',
      async handle(request) {
        if (!isLocalRequest(request)) throw RouteNotFound()
        const mails = await listOutbox(database.reader, { limit: SHOWN })
        if (wantsJson(request.headers.accept)) {
          return { status: 200, type: 'application/json; charset=utf-8', body: JSON.stringify({ data: mails }), headers: varied }
        }
        const headers = { ...varied, 'Content-Security-Policy': outboxPagePolicy }
        return { status: 200, type: 'text/html; charset=utf-8', body: renderOutboxPage(mails), headers }
      },
    },
  ]
}

const varied = { Vary: 'Accept' }

function wantsJson(accept: string | undefined): boolean {
  return accept?.includes('application/json') === true && !accept.includes('text/html')
}
