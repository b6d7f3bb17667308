import { breakingChanges } from '../test/breaking.ts'

/** What a version promises to clients, and what it says of changes. */
export interface Contract {
  openapi: object
  asyncapi: object
  changelog: string
}

/**
 * The breaking changes from one contract to the next that the changelog does not tell: one sentence each. One is told by a new line under
 * a heading `**Breaking**` that names it in backticks, `` `GET /v1/tickets` `` or `` `SEND /v1/ws EventFrame` ``.
 */
export function untoldChanges(before: Contract, after: Contract): string[] {
  const told = breakingLines(after.changelog).filter((line) => !before.changelog.includes(line))
  const isTold = (name: string) => told.some((line) => line.includes(`\`${name}\``))
  const operations = breakingChanges(before.openapi, after.openapi).filter((change) => !isTold(wordsOf(change, 2)))
  const frames = breakingChanges(framesOf(before.asyncapi), framesOf(after.asyncapi)).filter(
    (change) => !isTold(wordsOf(change, 3)),
  )
  return [...operations, ...frames]
}

/** The list items below each heading `**Breaking**`, up to the next heading. */
function breakingLines(changelog: string): string[] {
  const parts = changelog.split(/^(?=\*\*|## )/m).filter((part) => part.startsWith('**Breaking**'))
  return parts.flatMap((part) => part.split(/\n(?=- )/).slice(1))
}

function wordsOf(sentence: string, count: number): string {
  return sentence.split(' ').slice(0, count).join(' ')
}

interface AsyncApi {
  channels?: Record<string, { address: string }>
  operations?: Record<string, { action: 'send' | 'receive'; channel: Ref; messages?: Ref[] }>
  components?: { messages?: Record<string, { payload?: object }>; schemas?: object }
}
interface Ref {
  $ref: string
}

/** The frames of an AsyncAPI 3.0 document as if they were operations: what the server sends are answers, what it receives are requests. */
function framesOf(document: object): object {
  const { channels = {}, operations = {}, components = {} } = document as AsyncApi // made by tools/render-asyncapi.ts
  const paths: Record<string, object> = {}
  for (const { action, channel, messages = [] } of Object.values(operations)) {
    const address = channels[lastOf(channel)]?.address ?? lastOf(channel)
    for (const name of messages.map(lastOf)) {
      const json = { content: { 'application/json': { schema: components.messages?.[name]?.payload ?? {} } } }
      paths[`${address} ${name}`] = { [action]: action === 'send' ? { responses: { 200: json } } : { requestBody: json } }
    }
  }
  return { paths, components: { schemas: components.schemas ?? {} } }
}

function lastOf({ $ref }: Ref): string {
  return $ref.split('/').at(-1) ?? ''
}
