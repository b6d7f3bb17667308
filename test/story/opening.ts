import { type Cast, done, refused, type Telling, tokenFor } from './telling.ts'

const GRACE = { email: 'grace@acme.example', password: 'a quiet harbour at dawn' }
const ADA = { email: 'ada@acme.example', password: 'seven green umbrellas' }
const BOB = { email: 'bob@northwind.example', password: 'paper boats on the canal' }

/** Chapter one: a new desk is set up, staffed, and found by its first customer. */
export async function open(telling: Telling, setupToken: string): Promise<Cast> {
  const { desk, anyone, as } = telling
  for (const path of ['/livez', '/readyz', '/version', '/.well-known/jwks.json']) await done(anyone.get(path))

  const setUp = await done(anyone.post('/v1/auth/setup', { token: setupToken, ...GRACE, name: 'Grace Hopper' }))
  const grace = as(setUp.access_token)
  const settings = await done(grace.get('/v1/settings'))
  await done(grace.patch('/v1/settings', { message_edit_seconds: settings.message_edit_seconds, close_solved_after_days: 14 }))

  const organization = await done(grace.post('/v1/organizations', { name: 'Northwind Traders', external_id: 'CRM-4711' }), 201)
  await done(grace.get(`/v1/organizations/${organization.id}`))
  await done(grace.patch(`/v1/organizations/${organization.id}`, { metadata: { plan: 'gold' } }))
  await done(grace.get('/v1/organizations'))

  const hired = await done(grace.post('/v1/users', { role: 'agent', name: 'Ada Lovelace', ...ADA }), 201)
  const ada = as((await done(anyone.post('/v1/auth/login', ADA))).access_token)
  await done(grace.get('/v1/users?role=agent,admin'))
  await done(grace.get(`/v1/users/${hired.id}`))

  const team = await done(grace.post('/v1/teams', { name: 'Facilities' }), 201)
  await done(grace.put(`/v1/teams/${team.id}/members/${hired.id}`), 204)
  await done(grace.get(`/v1/teams/${team.id}`))
  await done(grace.get('/v1/teams'))
  await done(grace.patch(`/v1/teams/${team.id}`, { name: 'Facilities and printers' }))

  const queue = await done(
    grace.post('/v1/queues', { key: 'printers', name: 'Printers', team_ids: [team.id], public: true }),
    201,
  )
  await done(grace.get(`/v1/queues/${queue.id}`))
  await done(grace.get('/v1/queues'))
  await done(grace.patch(`/v1/queues/${queue.id}`, { name: 'Printers and scanners' }))

  const hardware = await done(grace.post('/v1/categories', { name: 'Hardware' }), 201)
  const printers = await done(grace.post('/v1/categories', { name: 'Printers', parent_id: hardware.id }), 201)
  await done(grace.get(`/v1/categories/${printers.id}`))
  await done(grace.get('/v1/categories'))
  await done(grace.patch(`/v1/categories/${printers.id}`, { name: 'Printers and scanners' }))

  await done(anyone.post('/v1/auth/register', { ...BOB, name: 'Bob Baker' }), 202)
  await refused(anyone.post('/v1/auth/login', BOB), 'invalid_credentials')
  const verified = await done(anyone.post('/v1/auth/verify', { token: await tokenFor(desk, BOB.email) }))
  const bob = as(verified.access_token)
  await done(grace.patch(`/v1/users/${verified.user.id}`, { organization_id: organization.id, organization_role: 'manager' }))

  return {
    grace,
    ada,
    bob,
    ada_id: hired.id,
    bob_id: verified.user.id,
    bob_token: verified.access_token,
    organization_id: organization.id,
    team_id: team.id,
    queue_id: queue.id,
    category_id: printers.id,
  }
}
