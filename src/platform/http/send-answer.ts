import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from './answer.ts'
import { parseEntityTags } from './etag.ts'

/** Answers with what an operation gave; with 304 where the caller has it already (RFC 9110 §13.1.2). */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, headers, etag, perishable }: Answer,
): FastifyReply {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const known =
    isRead && etag !== undefined && !perishable ? parseEntityTags(request.headers['if-none-match'], 'If-None-Match') : undefined
  reply.headers(headers)
  if (etag !== undefined) reply.header('ETag', `"${etag}"`)
  if (known?.some((tag) => tag === '*' || tag === etag || tag === `W/${etag}`)) return reply.code(304).send()
  reply.code(status)
  if (status === 204) return reply.send()
  return reply.type('application/json; charset=utf-8').send(body)
}
