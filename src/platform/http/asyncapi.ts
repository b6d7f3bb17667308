import { createSchemaRegistry, type Schema } from './openapi-schemas.ts'

/** A frame, or a block of an event stream: its shape, and one that is right. */
interface FrameDescription {
  /** The name of the message in the document, of its own for each direction. */
  name: string
  /** What it is called on the wire. */
  title: string
  /** Its shape; the description of the shape is the description of the message. */
  payload: object
  example: unknown
}

/** What an operation is about: one frame, and what may be answered to it. */
export interface FrameOperation {
  frame: FrameDescription
  /** Names of frames of the same channel. */
  answeredBy?: readonly string[]
}

/** One address, and what is said there in both directions, as seen by the server. */
interface ChannelDescription {
  name: string
  address: string
  title: string
  description: string
  server: 'webSocket' | 'eventStream'
  /** What the address may carry. */
  query: object
  receives: readonly FrameOperation[]
  sends: readonly FrameOperation[]
}

interface AsyncApiDescription {
  title: string
  version: string
  description: string
  /** Where this server is reached; left out of the document that is kept in the repository. */
  publicUrl?: string
  subprotocol: string
  channels: readonly ChannelDescription[]
}

export interface AsyncApiMessage {
  name: string
  title: string
  summary?: string
  payload: Schema
  examples: { name: string; payload: unknown }[]
}

export interface AsyncApiDocument {
  asyncapi: string
  info: { title: string; version: string; description: string; license: { name: string } }
  defaultContentType: string
  servers: Record<string, Schema>
  channels: Record<string, Schema & { address: string; messages: Record<string, Schema> }>
  operations: Record<string, Schema & { action: 'send' | 'receive'; messages: Schema[] }>
  components: {
    messages: Record<string, AsyncApiMessage>
    schemas: Record<string, Schema>
    securitySchemes: Record<string, Schema>
  }
}

/** The AsyncAPI 3.0 document of some channels. The same table gives the same document, byte for byte. */
export function buildAsyncApi(api: AsyncApiDescription): AsyncApiDocument {
  const schemas = createSchemaRegistry()
  const channels: AsyncApiDocument['channels'] = {}
  const operations: AsyncApiDocument['operations'] = {}
  const messages = new Map<string, AsyncApiMessage>()
  for (const channel of api.channels) {
    const all = [...channel.receives, ...channel.sends]
    for (const { frame } of all) messages.set(frame.name, toMessage(frame, schemas.publish(frame.payload)))
    const binding = bindingsOf(channel, api.subprotocol, schemas.publish(channel.query))
    channels[channel.name] = {
      address: channel.address,
      title: channel.title,
      description: channel.description,
      servers: [{ $ref: `#/servers/${channel.server}` }],
      messages: Object.fromEntries(all.map(({ frame: { name } }) => [name, { $ref: `#/components/messages/${name}` }])),
      ...binding.channel,
    }
    const operation = (action: 'send' | 'receive', { frame, answeredBy = [] }: FrameOperation) => ({
      action,
      channel: { $ref: `#/channels/${channel.name}` },
      title: frame.title,
      messages: [{ $ref: `#/channels/${channel.name}/messages/${frame.name}` }],
      ...binding.operation,
      ...(answeredBy.length === 0
        ? {}
        : {
            reply: {
              channel: { $ref: `#/channels/${channel.name}` },
              messages: answeredBy.map((name) => ({ $ref: `#/channels/${channel.name}/messages/${name}` })),
            },
          }),
    })
    for (const what of channel.receives) operations[`${channel.name}.receive${what.frame.name}`] = operation('receive', what)
    for (const what of channel.sends) operations[`${channel.name}.send${what.frame.name}`] = operation('send', what)
  }
  return {
    asyncapi: '3.0.0',
    info: { title: api.title, version: api.version, description: api.description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: serversAt(api.publicUrl ?? 'https://desk.example.com'),
    channels,
    operations,
    components: {
      messages: Object.fromEntries([...messages].sort(([a], [b]) => (a < b ? -1 : 1))),
      schemas: schemas.components(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of a signed-in person, or an API key (`beckon_sk_…`).',
        },
        token: {
          type: 'httpApiKey',
          name: 'token',
          in: 'query',
          description: 'A realtime token of `POST /v1/realtime/tokens`: it works once, within 60 seconds.',
        },
      },
    },
  }
}

function toMessage({ name, title, payload, example }: FrameDescription, published: Schema): AsyncApiMessage {
  const { description } = payload as { description?: string }
  return {
    name,
    title,
    ...(description === undefined ? {} : { summary: description }),
    payload: published,
    examples: [{ name: title, payload: example }],
  }
}

function serversAt(publicUrl: string): AsyncApiDocument['servers'] {
  const { host, protocol } = new URL(publicUrl)
  const isSecure = protocol === 'https:'
  const security = [{ $ref: '#/components/securitySchemes/bearer' }, { $ref: '#/components/securitySchemes/token' }]
  return {
    webSocket: { host, protocol: isSecure ? 'wss' : 'ws', description: 'WebSocket (RFC 6455).', security },
    eventStream: { host, protocol: isSecure ? 'https' : 'http', description: 'Server-sent events over HTTP.', security },
  }
}

// The binding of a WebSocket stands at its channel, that of HTTP at its operations.
function bindingsOf({ server }: ChannelDescription, subprotocol: string, query: Schema): { channel: Schema; operation: Schema } {
  if (server === 'eventStream')
    return { channel: {}, operation: { bindings: { http: { method: 'GET', query, bindingVersion: '0.3.0' } } } }
  const headers = {
    type: 'object',
    required: ['Sec-WebSocket-Protocol'],
    properties: { 'Sec-WebSocket-Protocol': { type: 'string', const: subprotocol } },
  }
  return { channel: { bindings: { ws: { method: 'GET', query, headers, bindingVersion: '0.1.0' } } }, operation: {} }
}
