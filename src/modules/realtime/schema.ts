import { Type } from 'typebox'
import { strict } from '../../platform/http/schemas.ts'
import { TopicName } from './frames.ts'

const After = Type.Integer({
  minimum: 0,
  description:
    'The position behind which to begin, as `position` and `id` name it; 0 is the oldest event that is kept. Without it: from now on.',
})
const Token = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'A token of `POST /v1/realtime/tokens`, instead of the header: good once.',
})
const topics = { items: TopicName, minItems: 1, maxItems: 100, uniqueItems: true }

export const StreamQuery = strict({
  topics: Type.Array(TopicName, { ...topics, description: 'What to hear of, with commas between.' }),
  after: Type.Optional(After),
  token: Type.Optional(Token),
})
export const SocketQuery = strict({
  topics: Type.Optional(
    Type.Array(TopicName, { ...topics, description: 'What to hear of from the start; or `subscribe` later.' }),
  ),
  after: Type.Optional(After),
  token: Type.Optional(Token),
})
