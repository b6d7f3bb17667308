import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Caller, type Json, openDesk, type Reply } from '../../../test/desk.ts'
import { serverUrl } from '../../../test/engine.ts'

type Device = 0 | 1
type Act =
  | { kind: 'save'; device: Device; text: number }
  | { kind: 'read'; device: Device }
  | { kind: 'discard'; device: Device }
  | { kind: 'send'; device: Device }
  | { kind: 'others'; what: number }

const device = fc.constantFrom<Device>(0, 1)
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('save' as const), device, text: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard' as const), device }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), device }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('others' as const), what: fc.nat(6) }) },
)

// Each run is some forty requests.
const RUNS = serverUrl ? 15 : 60

test('whatever two devices and everybody else do, the draft is what was last acknowledged, and no device overwrites blindly', async (t) => {
  const desk = await openDesk(t)
  const [tom, tim, ada] = [await desk.person({ role: 'agent' }), await desk.person({ role: 'agent' }), await desk.person()]
  const others = (path: string): (() => Promise<Reply>)[] => [
    () => tim.post(`${path}/messages`, { body: 'A note.', visibility: 'internal' }),
    () => ada.post(`${path}/messages`, { body: 'Any news?' }),
    () => tim.patch(path, { status: 'pending' }),
    () => tim.patch(path, { subject: 'Another subject' }),
    () => ada.post(`${path}/close`),
    () => tim.put(`${path}/draft`, { body: 'Mine' }),
    () => tim.post(`${path}/claim`),
  ]

  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const { body: ticket } = await ada.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.' })
      const path = `/v1/tickets/${ticket.id}`
      /** What is kept, by the answers; undefined where there is no draft. */
      let kept: { body: string; version: number } | undefined
      /** What each device has on its screen. */
      const known: (number | undefined)[] = [undefined, undefined]
      let highest = 0

      const save = async (who: Device, body: string): Promise<void> => {
        const seen = known[who]
        const reply = await tom.put(`${path}/draft`, { body }, seen === undefined ? {} : { 'if-match': `"v${seen}"` })
        const isSame = kept?.body === body
        const mayWrite = kept === undefined ? seen === undefined : seen === kept.version
        assert.equal(reply.status < 300, isSame || mayWrite, `${reply.status} ${JSON.stringify({ kept, seen, body })}`)
        if (reply.status >= 300) return void assert.equal(reply.status, 412)
        if (!isSame) assert.equal(reply.body.version, highest + 1)
        kept = { body, version: reply.body.version }
        known[who] = kept.version
        highest = kept.version
      }
      const send = async (who: Device): Promise<void> => {
        const draft_version = known[who]
        if (draft_version === undefined) return
        const { status } = await tom.post(`${path}/messages`, { body: 'Sent.', visibility: 'internal', draft_version })
        assert.equal(status, 201)
        if (kept?.version === draft_version) {
          kept = undefined
          highest++
        }
        known[who] = undefined
      }

      for (const one of acts) {
        if (one.kind === 'others') await others(path)[one.what]?.()
        else if (one.kind === 'save') await save(one.device, `Text ${one.text}`)
        else if (one.kind === 'send') await send(one.device)
        else if (one.kind === 'discard') {
          const seen = known[one.device]
          const { status } = await tom.delete(`${path}/draft`, seen === undefined ? {} : { 'if-match': `"v${seen}"` })
          const goes = kept !== undefined && (seen === undefined || seen === kept.version)
          assert.equal(status, goes ? 204 : kept === undefined ? 404 : 412)
          if (goes) {
            kept = undefined
            highest++
          }
          known[one.device] = undefined
        } else known[one.device] = (await tom.get(`${path}/draft`)).body?.version

        const { status, body } = await tom.get(`${path}/draft`)
        if (kept === undefined) assert.equal(status, 404)
        else assert.deepEqual([body.body, body.version], [kept.body, kept.version])
        await countIsRight(tom, path, body)
      }
    }),
    { numRuns: RUNS },
  )
})

/** What a draft says of new messages is what its author would count by hand. */
async function countIsRight(author: Caller & { id: string }, path: string, draft: Json): Promise<void> {
  if (draft?.object !== 'draft') return
  const { data } = (await author.get(`${path}/messages?limit=100`)).body
  const at = data.findIndex(({ id }: Json) => id === draft.last_message_id)
  const later = data.slice(at + 1).filter((one: Json) => one.author.id !== author.id && one.retracted_at === null)
  assert.equal(draft.new_message_count, later.length)
}

test('of two devices that save at the same moment one is told about the other', async (t) => {
  const desk = await openDesk(t)
  const [tom, ada] = [await desk.person({ role: 'agent' }), await desk.person()]
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'A printer', body: 'It smokes.' })
  const path = `/v1/tickets/${ticket.id}/draft`

  for (let version = 0; version < 10; version++) {
    const headers = version === 0 ? {} : { 'if-match': `"v${version}"` }
    const replies = await Promise.all(
      [0, 1, 2, 3].map((device) => tom.put(path, { body: `Version ${version} of device ${device}` }, headers)),
    )

    const won = replies.filter(({ status }) => status === 200 || status === 201)
    assert.equal(won.length, 1)
    assert.deepEqual(
      replies.filter((reply) => !won.includes(reply)).map(({ status, body }) => [status, body.current_version]),
      [1, 2, 3].map(() => [412, version + 1]),
    )
    assert.equal((await tom.get(path)).body.body, won[0]?.body.body)
  }
})
