import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentDisposition } from './disposition.ts'
import { cleanFileName } from './file-name.ts'

test('a name goes over the wire in ASCII, and in full where that is not enough', () => {
  assert.equal(contentDisposition('a b.pdf', false), 'attachment; filename="a b.pdf"')
  assert.equal(contentDisposition('Grüße.png', true), `inline; filename="Gr__e.png"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.png`)
  assert.equal(
    contentDisposition(`a"b'c%41.txt`, false),
    `attachment; filename="a_b'c_41.txt"; filename*=UTF-8''a%22b%27c%2541.txt`,
  )
})

test('no name breaks out of its header, and every name comes out as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const name = cleanFileName(text)
      const header = contentDisposition(name, false)
      const [, plain = '', full] =
        /^attachment; filename="([\x20-\x7e]*?)"(?:; filename\*=UTF-8''([A-Za-z0-9%!~._-]+))?$/.exec(header) ?? []

      assert.ok(plain !== '', header)
      assert.doesNotMatch(plain, /["\\]/)
      assert.equal(full === undefined ? plain : decodeURIComponent(full), name)
    }),
  )
})
