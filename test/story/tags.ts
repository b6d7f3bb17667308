import { type Cast, done, refused, type Telling } from './telling.ts'

/** Between the chapters: of three names for the same thing one is left. */
export async function tidyTags({ desk }: Telling, { grace, ada }: Cast): Promise<void> {
  await done(ada.post('/v1/tickets', { subject: 'Sparks', body: 'From the socket.', tags: ['burning', 'sparks'] }), 201)
  await done(ada.get('/v1/tags'))
  await done(ada.get('/v1/tags?q=fi'))
  await refused(grace.patch('/v1/tags/burning', { name: 'sparks' }), 'tag_exists')
  await done(grace.patch('/v1/tags/burning', { name: 'in-flames' }), 202)
  await desk.settle()
  await done(grace.post('/v1/tags/sparks/merge', { into: 'in-flames' }), 202)
  await desk.settle()
}
