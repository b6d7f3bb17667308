import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanFileName, extensionOf } from './file-name.ts'

test('a file keeps the name that people know it by, and loses every path', () => {
  const cases: [given: string | undefined, kept: string][] = [
    ['invoice.pdf', 'invoice.pdf'],
    ['../../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\config.sys', 'config.sys'],
    ['/abs/olute.txt', 'olute.txt'],
    ['folder/', 'file'],
    ['..', 'file'],
    ['...', 'file'],
    ['', 'file'],
    [undefined, 'file'],
    ['  spaces .txt ', 'spaces .txt'],
    ['a\0b.php\0.png', 'ab.php.png'],
    ['line\r\nSet-Cookie: x.txt', 'lineSet-Cookie: x.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['Cafe\u0301.txt', 'Caf\u00e9.txt'],
    ['打印机.png', '打印机.png'],
    ['👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    ['.bashrc', '.bashrc'],
    ['half\ud800.txt', 'half.txt'],
  ]

  for (const [given, kept] of cases) assert.equal(cleanFileName(given), kept)
})

test('whatever a file is called, its name is short, visible, and no path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.constantFrom('', '.png', '.tar.gz'), (start, end) => {
      const name = cleanFileName(start + end)

      assert.ok(name.length > 0 && Buffer.byteLength(name) <= 255 && name.isWellFormed())
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      assert.doesNotMatch(name, /[/\\\u0000-\u001f\u007f\u202a-\u202e]/)
      assert.ok(!['.', '..'].includes(name))
      assert.equal(cleanFileName(name), name)
    }),
  )
})

test('a long name is shortened before its extension', () => {
  const name = cleanFileName(`${'ä'.repeat(300)}.pdf`)

  assert.equal(Buffer.byteLength(name), 254)
  assert.equal(extensionOf(name), 'pdf')
})
