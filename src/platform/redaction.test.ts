import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { REDACTED, redacted } from './redaction.ts'

const cases: [text: string, passage: string, after: string][] = [
  ['My card is 4111 1111.', '4111 1111', 'My card is [redacted].'],
  ['a secret, a secret', 'a secret', '[redacted], [redacted]'],
  ['Secret and secret', 'secret', 'Secret and [redacted]'],
  ['Nothing here.', 'secret', 'Nothing here.'],
  ['aaa', 'aa', '[redacted]a'],
  ['was [redacted] before', 'red', 'was [redacted] before'],
  ['costs $& and $1', '$&', 'costs [redacted] and $1'],
  ['打印机着火了', '打印机', '[redacted]着火了'],
]

for (const [text, passage, after] of cases)
  test(`«${passage}» taken out of «${text}» leaves «${after}»`, () => {
    assert.equal(redacted(text, passage), after)
  })

test('what is taken out is gone, and taking it out again changes nothing', () => {
  const word = fc.stringMatching(/^[abc]{2,4}$/)
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.constant(' ')), { maxLength: 20 }), word, (parts, passage) => {
      const after = redacted(parts.join(''), passage)

      for (const part of after.split(REDACTED)) assert.equal(part.includes(passage), false)
      assert.equal(redacted(after, passage), after)
    }),
  )
})
