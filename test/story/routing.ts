import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: Grace writes down what everybody does anyway, and tickets find their way by themselves. */
export async function route({ desk }: Telling, { grace, ada, bob, ada_id, queue_id, category_id }: Cast): Promise<void> {
  const rules = '/v1/routing-rules'
  const fire = await done(
    grace.post(rules, {
      name: 'What burns goes first',
      conditions: { subject_words: ['fire', 'on fire', 'smoke'], category_ids: [category_id] },
      actions: { queue_id, priority: 'urgent', add_tags: ['fire'], assignee_id: ada_id },
    }),
    201,
  )
  const paper = await done(
    grace.post(rules, { name: 'Paper', conditions: { subject_words: ['paper'] }, actions: { add_tags: ['paper'] } }),
    201,
  )
  await refused(grace.post(rules, { name: 'Nothing', actions: {} }), 'validation_failed')
  await done(grace.patch(`${rules}/${paper.id}`, { position: 1, enabled: false }))
  await done(ada.get(`${rules}/${fire.id}`))
  await done(ada.get(rules))
  await refused(bob.get(rules), 'forbidden')
  await done(grace.post(`${rules}/preview`, { subject: 'Smoke in the cellar', category_id }))

  await done(bob.post('/v1/tickets', { subject: 'The kettle is on fire', body: 'It smells of tea.', category_id }), 201)
  const jam = await done(bob.post('/v1/tickets', { subject: 'Paper jam', body: 'It is stuck again.' }), 201)
  await done(grace.patch(`${rules}/${paper.id}`, { enabled: true }))
  await done(ada.get(`/v1/tickets/${jam.id}/routing`))
  await done(ada.post(`/v1/tickets/${jam.id}/route`))

  for (const { id } of [paper, fire]) await done(grace.delete(`${rules}/${id}`), 204)
  await desk.settle()
}
