import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from './answer.ts'
import { sendContent } from './content.ts'
import { parseEntityTags } from './etag.ts'

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
  return reply.type('application/json; charset=utf-8').send(body)
}
