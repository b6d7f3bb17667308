import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isHardBounce } from './bounce.ts'

for (const [smtp_code, enhanced_code, response, isHard] of [
  [550, '5.1.1', '550 5.1.1 The email account that you tried to reach does not exist', true],
  [550, '5.1.10', '550 5.1.10 RESOLVER.ADR.RecipientNotFound', true],
  [556, '5.1.10', '556 5.1.10 Recipient address has null MX', true],
  [null, '5.1.2', 'Host or domain name not found', true],
  [550, null, '550 No such user here', true],
  [553, null, '553 sorry, that recipient does not exist', true],
  [550, null, '550 Requested action not taken: mailbox unavailable', false],
  [550, '5.7.1', '550 5.7.1 No such user: rejected by policy', false],
  [554, '5.7.1', '554 5.7.1 Relay access denied', false],
  [552, '5.2.2', '552 5.2.2 Mailbox full', false],
  [550, '5.7.26', '550 5.7.26 This mail is unauthenticated', false],
  [554, null, '554 no such user', false],
  [null, null, null, false],
] as const)
  test(`${response ?? 'silence'} is ${isHard ? '' : 'not '}the end of an address`, () =>
    assert.equal(isHardBounce({ smtp_code, enhanced_code, response }), isHard))
