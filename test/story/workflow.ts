import { defaultDefinition } from '../../src/modules/workflow/index.ts'
import { type Cast, done, refused, type Telling } from './telling.ts'

/** How a lifecycle of one's own comes and goes: parts are ordered from a supplier, which is nobody's business outside. */
export async function order({ desk }: Telling, { grace, ada, bob, queue_id }: Cast): Promise<void> {
  const [first] = (await done(grace.get('/v1/lifecycles'))).data
  const { statuses, transitions } = defaultDefinition
  const supplier = { key: 'at_supplier', label: 'At the supplier', requester_label: null, category: 'on_hold' }
  const repairs = await done(
    grace.post('/v1/lifecycles', {
      name: 'Repairs',
      statuses: [...statuses, supplier],
      transitions: [
        ...transitions,
        { from: 'open', to: 'at_supplier', by: ['agent'], required_fields: ['category_id'] },
        { from: 'at_supplier', to: 'open', by: ['agent', 'system'] },
        { from: 'at_supplier', to: 'closed', by: ['agent', 'requester'] },
      ],
    }),
    201,
  )
  const path = `/v1/lifecycles/${repairs.id}`
  await done(grace.get(path))
  await done(ada.get('/v1/statuses'))
  await done(bob.get('/v1/statuses'))
  await done(grace.patch(`/v1/queues/${queue_id}`, { lifecycle_id: repairs.id }))
  await desk.settle()

  const ticket = await done(bob.post('/v1/tickets', { subject: 'The drum squeaks', body: 'It does.', queue_id }), 201)
  const ticketPath = `/v1/tickets/${ticket.id}`
  await done(ada.post(`${ticketPath}/claim`))
  await done(ada.get(`${ticketPath}/transitions`))
  await refused(ada.patch(ticketPath, { status: 'at_supplier' }), 'transition_not_allowed')

  await refused(grace.delete(path), 'lifecycle_in_use')
  await done(grace.patch(path, { statuses, replacements: { at_supplier: 'on_hold' } }))
  await done(grace.patch(`/v1/queues/${queue_id}`, { lifecycle_id: first.id }))
  await desk.settle()
  await done(grace.delete(path), 204)
}
