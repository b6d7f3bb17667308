import { RateLimited } from '../../platform/http/problems.ts'
import { defineProblem, type Problem } from '../../platform/problems.ts'

export const InvalidCredentials = defineProblem('invalid_credentials', 401, 'The e-mail address or the password is wrong.')
export const InvalidRefreshToken = defineProblem(
  'invalid_refresh_token',
  401,
  'The refresh token is wrong, expired or was used before. Log in again.',
)
export const RegistrationClosed = defineProblem(
  'registration_closed',
  403,
  'Nobody can register here. Ask the help desk for an invitation.',
)
export const AccountInactive = defineProblem('account_inactive', 403, 'This account has been deactivated. Ask the help desk.')
export const InvalidMailToken = defineProblem(
  'invalid_mail_token',
  422,
  'This link is wrong, has expired or was used before. Ask for a new one.',
)
export const PasswordRequired = defineProblem(
  'password_required',
  422,
  'This address is known here already. Choose a password for it to go on.',
)
export const AlreadySetUp = defineProblem('already_set_up', 409, 'There is an admin already. Log in, or ask for an invitation.')
export const TooBusy = defineProblem('too_busy', 503, 'Too many people sign in at this moment. Try again in a few seconds.')
export const WrongPassword = defineProblem('wrong_password', 422, 'The current password is wrong.')

/** 401 for a login: an unknown address and a wrong password alike. */
export function invalidCredentials(): Problem {
  return InvalidCredentials({ headers: { 'WWW-Authenticate': 'Bearer' } })
}

/** 401 for a refresh token that is not good, or not any more. */
export function invalidRefreshToken(): Problem {
  return InvalidRefreshToken({ headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } })
}

/** 422 at `/current_password`. */
export function wrongPassword(): Problem {
  const detail = WrongPassword.title
  return WrongPassword({ detail, errors: [{ pointer: '/current_password', code: 'wrong', detail }] })
}

/** 429 for who keeps tokens that he does not spend. */
export function tooManyTokens(limit: number): Problem {
  const detail = `There are ${limit} tokens of yours that were not spent: use them, or wait until they expire.`
  return RateLimited({ detail, headers: { 'Retry-After': '10' } })
}
