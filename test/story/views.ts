import { type Cast, done, refused, type Telling } from './telling.ts'

/** A chapter between: Ada keeps the lists that she looks at every morning, and sees how much there is to do. */
export async function keepViews(_: Telling, { grace, ada, team_id, queue_id }: Cast): Promise<void> {
  const view = await done(
    ada.post('/v1/views', {
      name: 'Printers to do',
      filters: { status_category: 'new,open', queue_id },
      sort: '-priority',
      visibility: 'team',
      team_id,
    }),
    201,
  )
  await refused(ada.post('/v1/views', { name: 'Reds', filters: { colour: 'red' } }), 'validation_failed')
  await done(ada.get(`/v1/views/${view.id}`))
  await done(ada.get('/v1/views?include=count'))
  await done(ada.get(`/v1/views/${view.id}/tickets?include=total`))
  await done(ada.patch(`/v1/views/${view.id}`, { name: 'My printers', filters: { assignee_id: 'me' }, visibility: 'private' }))
  await refused(grace.get(`/v1/views/${view.id}`), 'not_found')
  await done(ada.get('/v1/queues/counts'))
  await done(ada.delete(`/v1/views/${view.id}`), 204)
}
