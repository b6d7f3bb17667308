import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'

import { Problem } from '../problems.ts'
import { bodyValidator } from './validate.ts'

const Id = Type.String({ pattern: '^msg_[0-9a-hjkmnp-tv-z]{26}$' })
const validate = bodyValidator(
  Type.Object(
    {
      body: Type.Optional(Type.String({ minLength: 1, pattern: '\\S' })),
      message_id: Type.Optional(Id),
      key: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
      visibility: Type.Optional(Type.Literal('internal')),
      to: Type.Optional(Type.Union([Type.Literal('queue'), Id])),
    },
    { additionalProperties: false },
  ),
)

test('who sends something wrong reads what it must be, in words where we have them', () => {
  const cases: [body: object, code: string, detail: string][] = [
    [{ body: ' \n' }, 'invalid', '/body must not be blank'],
    [{ message_id: 'msg_1' }, 'invalid', '/message_id must be an id, msg_ and 26 characters'],
    [{ key: 'A "b"' }, 'invalid', '/key must match pattern "^[a-z]+$"'],
    [{ visibility: 'public' }, 'not_allowed', '/visibility can only be "internal"'],
    [{ to: 'nobody' }, 'invalid', '/to is of none of the forms that it may have'],
  ]

  for (const [body, code, detail] of cases)
    assert.throws(
      () => validate(body),
      (error) => {
        assert.ok(error instanceof Problem)
        assert.equal(error.message, detail)
        assert.deepEqual(
          error.extras.errors?.map((one) => one.code),
          [code],
        )
        return true
      },
    )
})

test('every mistake of a body is told, but of very many values the first alone', () => {
  const validateTags = bodyValidator(Type.Object({ tags: Type.Array(Type.String(), { maxItems: 50 }), name: Type.String() }))
  const mistakesOf = (body: object): unknown[] => {
    try {
      validateTags(body)
      return []
    } catch (error) {
      assert.ok(error instanceof Problem)
      return error.extras.errors?.map(({ pointer, code }) => [pointer, code]) ?? []
    }
  }

  assert.deepEqual(mistakesOf({ tags: ['a'], name: 'b' }), [])
  assert.deepEqual(mistakesOf({ tags: [1, 'a', 2], name: 3 }), [
    ['/tags/0', 'wrong_type'],
    ['/tags/2', 'wrong_type'],
    ['/name', 'wrong_type'],
  ])
  assert.deepEqual(mistakesOf({ tags: Array.from({ length: 3000 }, () => 1), name: 3 }), [['/tags', 'too_many']])
})
