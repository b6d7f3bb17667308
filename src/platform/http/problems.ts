import { defineProblem } from '../problems.ts'

// The problems of the kernel itself. Those of a noun stand in its module.

export const MalformedBody = defineProblem('malformed_body', 400, 'The body cannot be read as JSON.')
export const MalformedForm = defineProblem('malformed_form', 400, 'The body cannot be read as multipart/form-data.')
export const UnknownParameter = defineProblem('unknown_parameter', 400, 'There is no such query parameter.')
export const CursorMismatch = defineProblem(
  'cursor_mismatch',
  400,
  'The cursor was made with other filters or another sort order.',
)
export const BadRequest = defineProblem('bad_request', 400, 'The request cannot be read as HTTP.')
export const BadHandshake = defineProblem('bad_handshake', 400, 'The WebSocket handshake is wrong.')
export const Unauthenticated = defineProblem('unauthenticated', 401, 'Send a credential: Authorization: Bearer …')
export const InvalidToken = defineProblem('invalid_token', 401, 'The credential is wrong, expired or revoked.')
export const OriginNotAllowed = defineProblem(
  'origin_not_allowed',
  403,
  'Pages of this origin may not open WebSockets here: an operator lists it in BECKON_CORS_ORIGINS.',
)
export const RouteNotFound = defineProblem('route_not_found', 404, 'There is no such path. See /docs.')
export const MethodNotAllowed = defineProblem('method_not_allowed', 405, 'This path does not take this method.')
export const RequestTimeout = defineProblem('request_timeout', 408, 'The request did not arrive in time.')
export const IdempotencyInProgress = defineProblem(
  'idempotency_in_progress',
  409,
  'A request with this Idempotency-Key is still running. Try again in a moment.',
)
export const IdempotencyAnswerGone = defineProblem(
  'idempotency_answer_gone',
  409,
  'This request was done. Its answer showed what was taken away since: read the object again.',
)
export const PayloadTooLarge = defineProblem('payload_too_large', 413, 'The body is too large.')
export const UriTooLong = defineProblem('uri_too_long', 414, 'The address is too long.')
export const UnsupportedMediaType = defineProblem(
  'unsupported_media_type',
  415,
  'Send a media type that this operation takes: application/json, unless it says otherwise.',
)
export const RangeNotSatisfiable = defineProblem('range_not_satisfiable', 416, 'The content ends before this range begins.')
export const IdempotencyKeyReused = defineProblem(
  'idempotency_key_reused',
  422,
  'This Idempotency-Key was used for another request. Take a new one.',
)
export const UpgradeRequired = defineProblem('upgrade_required', 426, 'This path is for WebSockets: ask for an upgrade.')
export const RateLimited = defineProblem('rate_limited', 429, 'Too many requests. Try again later.')
export const HeadersTooLarge = defineProblem('headers_too_large', 431, 'The headers are too large.')
export const InternalError = defineProblem('internal_error', 500, 'Something went wrong on our side. Tell us the request_id.')
export const Overloaded = defineProblem(
  'overloaded',
  503,
  'More is asked than this server can answer in good time. Try again after the seconds in Retry-After.',
)
export const ShuttingDown = defineProblem('shutting_down', 503, 'This server is stopping. Try again.')
