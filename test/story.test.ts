import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeApi } from '../src/api-description.ts'
import type { OpenApiDocument } from '../src/platform/http/openapi.ts'
import { createCareful } from './careful.ts'
import { type Desk, openDesk } from './desk.ts'
import { createRecorder, keepExamples } from './examples.ts'
import { assign } from './story/assignment.ts'
import { close } from './story/closing.ts'
import { connect } from './story/connecting.ts'
import { draft } from './story/drafting.ts'
import { classify } from './story/fields.ts'

import { attach } from './story/files.ts'

import { write } from './story/letters.ts'
import { listen } from './story/listening.ts'
import { keepMacros } from './story/macros.ts'
import { mailEnv, takeMail } from './story/mail.ts'
import { giveAddresses } from './story/mailboxes.ts'
import { post } from './story/mailing.ts'
import { open } from './story/opening.ts'
import { gather } from './story/people.ts'
import { meet } from './story/presence.ts'
import { burn } from './story/printer.ts'
import { route } from './story/routing.ts'
import { tidyTags } from './story/tags.ts'
import { keepViews } from './story/views.ts'
import { stocktaking, wait } from './story/waiting.ts'
import { order } from './story/workflow.ts'

test('a desk is set up, a printer burns, and every operation is called with success', async (t) => {
  const recorder = createRecorder()
  const careful = createCareful(() => document)
  const desk: Desk = await openDesk(t, {
    env: mailEnv,
    more: { jobs: [stocktaking] },
    watch: (exchange) => {
      recorder.watch(exchange)
      careful.watch(exchange)
      // The whole story is told while an access token is good.
      desk.clock.advance(500)
    },
  })
  const document: OpenApiDocument = describeApi({ routes: desk.app.routes, examples: { operations: {}, problems: {} } })
  const telling = {
    desk,
    anyone: careful.makeCareful(desk.anyone),
    as: (token: string) => careful.makeCareful(desk.bearer(token)),
  }

  const setupToken = new URL((await desk.app.accounts.setupLink()) ?? '').searchParams.get('token') ?? ''
  const cast = await open(telling, setupToken)
  await burn(telling, cast)
  await classify(telling, cast)
  await wait(telling, cast)
  await order(telling, cast)
  await route(telling, cast)
  await giveAddresses(telling, cast)
  await tidyTags(telling, cast)
  await write(telling, cast)
  await gather(telling, cast)
  await keepViews(telling, cast)
  await attach(telling, cast)
  await connect(telling, cast)
  await draft(telling, cast)
  await meet(telling, cast)
  await keepMacros(telling, cast)
  await post(telling, cast)
  await takeMail(telling, cast)
  await listen(telling, cast)
  await assign(telling, cast)
  await close(telling, cast)

  const examples = recorder.recorded()
  // A socket is opened by no request of the story.
  const told = desk.app.routes.filter(({ answers }) => !(101 in answers))
  const untold = told.map(({ operationId }) => operationId).filter((name) => !examples.operations[name])
  assert.deepEqual(untold, [], 'operations that the story never called with success')
  keepExamples(examples)
})
