import type { FastifyReply } from 'fastify'
import { awayFrom } from '../database/away.ts'
import { isAway } from '../database/errors.ts'
import { Problem } from '../problems.ts'
import { BadRequest, InternalError, PayloadTooLarge, UnsupportedMediaType, UriTooLong } from './problems.ts'
import type { ProblemBody } from './schemas.ts'

/** The problem that an error is to the caller. What nobody expected is an internal error, and tells nothing of itself. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return PayloadTooLarge()
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return UnsupportedMediaType()
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
    case 'ECONNRESET':
      return BadRequest()
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return UriTooLong()
  }
  if (isAway(error)) return awayFrom(error)
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 400) return BadRequest()
  return InternalError()
}

/** Answers with a problem (RFC 9457), under the id that the answer has already. */
export function sendProblem(reply: FastifyReply, problem: Problem, publicUrl: string): void {
  reply.headers(problem.extras.headers ?? {})
  reply
    .code(problem.statusCode)
    .type('application/problem+json; charset=utf-8')
    .serializer((text: string) => text)
    .send(problemText(problem, String(reply.getHeader('Request-Id')), publicUrl))
}

/** A problem as it goes over the wire (RFC 9457 §3). */
export function problemText(problem: Problem, request_id: string, publicUrl: string): string {
  return JSON.stringify(problemBody(problem, request_id, publicUrl))
}

/** A problem as JSON has it. */
export function problemBody(problem: Problem, request_id: string, publicUrl: string): ProblemBody {
  const { definition, extras } = problem
  return {
    type: `${publicUrl}/errors/${definition.code}`,
    title: definition.title,
    status: definition.status,
    code: definition.code,
    ...(extras.detail === undefined ? {} : { detail: extras.detail }),
    request_id,
    ...(extras.errors === undefined ? {} : { errors: extras.errors }),
    ...extras.members,
  }
}
