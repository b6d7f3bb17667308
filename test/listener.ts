import assert from 'node:assert/strict'
import type { EndReason, Line, Peer } from '../src/modules/realtime/live.ts'
import { readTopic } from '../src/modules/realtime/topic.ts'
import type { Desk, Json } from './desk.ts'

/** Somebody who listens, without a network in between: what he was told, as it would have gone over a WebSocket. */
export interface Listener {
  line: Line
  /** All frames since he came, with `ready` for what he hears first. */
  frames: Json[]
  /** The text of all of them. */
  text(): string
  /** The types of the events that he was told, in order. */
  types(): string[]
  /** Why Beckon ended it; undefined while it lives. */
  ended(): EndReason | undefined
  /** Says how much the network has not taken; 0 says that it took everything. */
  clog(bytes: number): void
  /** Resolves when such a frame has come. */
  until(isMeant: (frame: Json) => boolean): Promise<void>
  subscribe(topics: readonly string[], after?: number): Promise<void>
}

/** Has somebody listen, to these topics at once. */
export async function listen(
  desk: Pick<Desk, 'app'>,
  token: string,
  { topics, after }: { topics: readonly string[]; after?: number | undefined },
): Promise<Listener> {
  const frames: Json[] = []
  let text = ''
  let pending = 0
  let reason: EndReason | undefined
  let heard = (): void => {}
  const tell = (json: string): void => {
    text += json
    frames.push(JSON.parse(json))
    heard()
  }
  const peer: Peer = {
    send: (frame) => {
      assert.equal(reason, undefined, 'nothing is sent after the end')
      const json = frame.webSocket().toString()
      tell(json)
      checkEventStream(frame.eventStream().toString(), { json, position: frame.position })
    },
    pendingBytes: () => pending,
    atOnce: (work) => work(),
    end: (why) => {
      reason = why
    },
  }
  const line = desk.app.hub.open(peer, await desk.app.accounts.authenticate(token))
  const listener: Listener = {
    line,
    frames,
    text: () => text,
    types: () => frames.flatMap((frame) => (frame.type === 'event' ? frame.event.type : [])),
    ended: () => reason,
    clog: (bytes) => {
      pending = bytes
      if (bytes === 0) line.drained()
    },
    until: (isMeant) =>
      new Promise((resolve) => {
        heard = () => {
          if (frames.some(isMeant)) resolve()
        }
        heard()
      }),
    subscribe: (names, from) =>
      line.subscribe(names.map(readTopic), {
        after: from,
        onHeard: ({ topics: heard, position }) =>
          tell(
            JSON.stringify({
              type: 'ready',
              position,
              topics: heard.map((topic) => ('id' in topic ? `${topic.kind}:${topic.id}` : topic.kind)),
            }),
          ),
      }),
  }
  await listener.subscribe(topics, after)
  return listener
}

/** The same frame as an event stream has it. */
function checkEventStream(block: string, { json, position }: { json: string; position: number | undefined }): void {
  assert.ok(block.endsWith('\n\n'))
  const lines = new Map(
    block
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  assert.equal(lines.get('id'), position === undefined ? undefined : String(position))
  const frame = JSON.parse(json)
  assert.equal(lines.get('event'), frame.type === 'event' ? undefined : frame.type)
  assert.deepEqual(JSON.parse(lines.get('data') ?? ''), frame.type === 'event' ? frame.event : frame)
}
