import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Answer } from './answer.ts'
import { sendContent } from './content.ts'
import { parseEntityTags } from './etag.ts'

type Writer = (body: Record<string, unknown>) => string

// Compiled when first needed: to compile them all takes longer than everything else that a start does.
const writers = new WeakMap<object, Writer>()

/** Answers with what an operation gave; with 304 where the caller has it already (RFC 9110 §13.1.2). */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply | Promise<FastifyReply> {
  const { status, body, headers, etag, perishable, content } = answer
  if (content) return sendContent(request, reply, { ...answer, content })
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const known =
    isRead && etag !== undefined && !perishable ? parseEntityTags(request.headers['if-none-match'], 'If-None-Match') : undefined
  reply.headers(headers)
  if (etag !== undefined) reply.header('ETag', `"${etag}"`)
  if (known?.some((tag) => tag === '*' || tag === etag || tag === `W/${etag}`)) return reply.code(304).send()
  reply.code(status)
  if (status === 204) return reply.send()
  const schema = request.routeOptions.config.operation?.answers[status]
  if (schema) reply.serializer(writerOf(reply, schema))
  return reply.type('application/json; charset=utf-8').send(body)
}

/** Writes what a schema publishes, and nothing else. */
function writerOf(reply: FastifyReply, schema: TSchema): Writer {
  const writer = writers.get(schema) ?? reply.compileSerializationSchema({ ...schema })
  writers.set(schema, writer)
  return writer
}
