import { type Cast, done, refused, type Telling, tokenFor } from './telling.ts'

const NEW_PASSWORD = 'forty lanterns in the fog'

/** Chapter three: passwords, sessions and keys come and go, and what is needed no longer is put away. */
export async function close(telling: Telling, cast: Cast): Promise<void> {
  await lookAfterAccounts(telling, cast)
  await tidyUp(cast)
}

async function lookAfterAccounts({ desk, anyone, as }: Telling, { grace, bob, bob_token }: Cast): Promise<void> {
  await done(bob.get('/v1/me'))
  await done(bob.patch('/v1/me', { name: 'Robert Baker' }))
  const credentials = { email: 'bob@northwind.example', password: 'paper boats on the canal' }
  const second = await done(anyone.post('/v1/auth/login', credentials))
  const refreshed = await done(anyone.post('/v1/auth/refresh', { refresh_token: second.refresh_token }))
  await done(bob.get('/v1/me/sessions'))
  await done(bob.delete(`/v1/me/sessions/${refreshed.id}`), 204)
  // Not carefully: a second time the current password would be another.
  await done(
    desk.bearer(bob_token).post('/v1/me/password', { current_password: credentials.password, password: NEW_PASSWORD }),
    204,
  )

  await done(anyone.post('/v1/auth/password/forgot', { email: credentials.email }), 202)
  const token = await tokenFor(desk, credentials.email)
  await done(anyone.post('/v1/auth/password/reset', { token, password: 'a whale in the swimming pool' }), 204)
  const again = await done(anyone.post('/v1/auth/login', { ...credentials, password: 'a whale in the swimming pool' }))
  await done(as(again.access_token).post('/v1/auth/logout'), 204)
  await refused(anyone.get('/v1/me'), 'unauthenticated')
  await refused(as(again.access_token).get('/v1/me'), 'invalid_token')

  const key = await done(
    grace.post('/v1/api-keys', { name: 'Shop', role: 'agent', scopes: ['tickets:read', 'tickets:write'] }),
    201,
  )
  await done(grace.get(`/v1/api-keys/${key.id}`))
  await done(grace.get('/v1/api-keys'))
  await done(grace.delete(`/v1/api-keys/${key.id}`), 204)
}

async function tidyUp({ grace, ada_id, team_id }: Cast): Promise<void> {
  const mistake = await done(grace.post('/v1/tickets', { subject: 'Test', body: 'Please ignore.' }), 201)
  await done(grace.delete(`/v1/tickets/${mistake.id}`), 204)

  const category = await done(grace.post('/v1/categories', { name: 'Typewriters' }), 201)
  await done(grace.delete(`/v1/categories/${category.id}`), 204)
  const queue = await done(grace.post('/v1/queues', { key: 'typewriters', name: 'Typewriters' }), 201)
  await done(grace.delete(`/v1/queues/${queue.id}`), 204)
  await done(grace.delete(`/v1/teams/${team_id}/members/${ada_id}`), 204)
  const team = await done(grace.post('/v1/teams', { name: 'Typewriters' }), 201)
  await done(grace.delete(`/v1/teams/${team.id}`), 204)
  const organization = await done(grace.post('/v1/organizations', { name: 'Typewriter Friends' }), 201)
  await done(grace.delete(`/v1/organizations/${organization.id}`), 204)
}
