// What is published of the streams beside their frames: at /asyncapi.json, at /docs/realtime and in docs/realtime.md.

/** The subprotocol of the WebSocket: a client must offer it. */
export const SUBPROTOCOL = 'beckon.v1+json'

/** How often a connection hears from Beckon, at the least. */
export const HEARTBEAT_SECONDS = 20

/** How a topic is written, which events it has, and who may have it. */
export const topicKinds = [
  { topic: 'ticket:{ticket}', hears: 'One ticket, by id, number or `ext:` and your own id.', who: 'Who sees the ticket.' },
  {
    topic: 'queue:{queue}',
    hears: 'The tickets that are in a queue now.',
    who: 'Staff who see the queue; requesters for a public queue, and there of their own tickets.',
  },
  { topic: 'view:{view}', hears: 'The tickets that a view lists for you now.', who: 'Who sees the view.' },
  {
    topic: 'me',
    hears: 'The tickets that you raised, take part in, follow, or are assigned to.',
    who: 'Everybody; an API key has none.',
  },
  { topic: 'all', hears: 'All that you may see; for admins also what happens outside tickets.', who: 'Everybody.' },
] as const

/** What a close code of the WebSocket means, and what a client does then. The reason of the close frame is the key. */
export const closeCodes = {
  done: { code: 1000, means: 'You closed it.', advice: 'Nothing.' },
  stopping: { code: 1001, means: 'The node stops.', advice: 'Come back with `after`, after a short wait by chance.' },
  frame_too_large: { code: 1009, means: 'A frame was larger than is taken.', advice: 'Mend the client.' },
  unreadable: {
    code: 4400,
    means: 'A frame was no JSON text of a known type; an `error` frame said so.',
    advice: 'Mend the client.',
  },
  signed_out: {
    code: 4401,
    means: 'The session or key ended, or its owner was deactivated.',
    advice: 'Refresh the session or sign in, then come back with `after`.',
  },
  slow_reader: {
    code: 4408,
    means: 'More than 1 MiB was owed, or nothing was read for 30 seconds.',
    advice: 'Come back with `after`: you get all that you missed.',
  },
  too_many_frames: { code: 4429, means: 'Frames came faster than they are taken.', advice: 'Wait some seconds, send less.' },
  failed: { code: 4500, means: 'Beckon failed, or its database is away.', advice: 'Come back with `after`, with growing waits.' },
} as const
