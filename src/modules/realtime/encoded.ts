import type { EventJson } from '../history/index.ts'
import type { ServerFrame } from './frames.ts'
import type { Encoded, NewsOfMessage } from './live.ts'

/** Encodes an event of the log: on an event stream the event itself, so that `onmessage` gets it; on a WebSocket in its frame. */
export function encodeEvent(event: EventJson): Encoded {
  const json = JSON.stringify(event)
  return encoded('event', event.position, {
    bytes: Buffer.byteLength(json),
    message: messageIn(event),
    eventStream: () => `id: ${event.position}\ndata: ${json}\n\n`,
    webSocket: () => `{"type":"event","event":${json}}`,
  })
}

function messageIn({ type, subject, ticket_id, actor }: EventJson): NewsOfMessage | undefined {
  if (type !== 'message.created' || ticket_id === null) return undefined
  return { id: subject.id, ticket_id, author_id: actor.id }
}

/** Encodes any other frame. A `ping` is a comment on an event stream, which only moves the client's cursor. */
export function encodeFrame(frame: ServerFrame): Encoded {
  if (frame.type === 'event') return encodeEvent(frame.event)
  const json = JSON.stringify(frame)
  const position = cursorOf(frame)
  const id = position === undefined ? '' : `id: ${position}\n`
  return encoded(frame.type, position, {
    bytes: Buffer.byteLength(json),
    eventStream: () => (frame.type === 'ping' ? `: heartbeat\n${id}\n` : `event: ${frame.type}\n${id}data: ${json}\n\n`),
    webSocket: () => json,
  })
}

/** Where a client stands that has this frame; undefined for what passes by. */
function cursorOf(frame: ServerFrame): number | undefined {
  switch (frame.type) {
    case 'ready':
    case 'subscribed':
    case 'reset':
    case 'left':
    case 'ping':
      return frame.position
    default:
      return undefined
  }
}

interface Texts {
  bytes: number
  message?: NewsOfMessage | undefined
  eventStream(): string
  webSocket(): string
}

/** Each text is made when the first peer of its kind needs it, and kept for the others. */
function encoded(type: Encoded['type'], position: number | undefined, { bytes, message, ...texts }: Texts): Encoded {
  const made: Partial<Record<keyof typeof texts, Buffer>> = {}
  const make = (kind: keyof typeof texts): Buffer => (made[kind] ??= Buffer.from(texts[kind]()))
  let frame: Buffer | undefined
  return {
    type,
    position,
    bytes,
    message,
    eventStream: () => make('eventStream'),
    webSocket: () => make('webSocket'),
    webSocketFrame: () => (frame ??= frameOf(make('webSocket'))),
  }
}

/** A text message in one frame, not masked, as a server sends it (RFC 6455 §5.2). */
function frameOf(text: Buffer): Buffer {
  const { length } = text
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  header[0] = 0x81
  if (header.length === 2) header[1] = length
  else if (header.length === 4) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([header, text])
}
