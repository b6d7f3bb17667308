import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentTypeOf, isOneOf, servedAs } from './content-type.ts'

const png = '\x89PNG\r\n\x1a\n'
const zip = 'PK\x03\x04'

test('a file is what its bytes say, whatever it is called', () => {
  const cases: [bytes: string, name: string, type: string][] = [
    [png, 'photo.png', 'image/png'],
    [png, 'photo.jpg', 'image/png'],
    ['\xff\xd8\xff\xe0', 'photo.jpeg', 'image/jpeg'],
    ['GIF89a', 'a.gif', 'image/gif'],
    ['RIFF....WEBPVP8 ', 'a.webp', 'image/webp'],
    ['....ftypavif', 'a.avif', 'image/avif'],
    ['%PDF-1.7', 'a.pdf', 'application/pdf'],
    [zip, 'a.zip', 'application/zip'],
    [zip, 'a.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'a.doc', 'application/msword'],
    ['Hello', 'a.txt', 'text/plain'],
    ['a,b\n1,2', 'a.csv', 'text/csv'],
    ['{"a":1}', 'a.json', 'application/json'],
    ['Grüße', 'no-extension', 'text/plain'],
    ['MZ\x90\x00', 'setup.exe', 'application/vnd.microsoft.portable-executable'],
    ['\x00\x01\x02\x03', 'a.bin', 'application/octet-stream'],
    ['', 'empty.txt', 'application/octet-stream'],
  ]

  for (const [bytes, name, type] of cases) assert.equal(contentTypeOf(bytesOf(bytes), name), type, name)
})

test('what could run is never taken for a picture, nor a picture for what could run', () => {
  const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const html = '<!DOCTYPE html><script>alert(1)</script>'
  const cases: [bytes: string, name: string, type: string][] = [
    [svg, 'logo.svg', 'image/svg+xml'],
    [svg, 'logo.png', 'application/octet-stream'],
    [html, 'page.html', 'text/html'],
    [html, 'photo.jpg', 'application/octet-stream'],
    [html, 'notes.txt', 'application/octet-stream'],
    ['GIF89a/*<script>alert(1)</script>*/=1', 'photo.html', 'application/octet-stream'],
    ['GIF89a/*', 'photo.js', 'application/octet-stream'],
    [`${png}<svg onload=alert(1)>`, 'photo.png', 'image/png'],
    ['%PDF-1.7', 'invoice.svg', 'application/octet-stream'],
    ['MZ\x90\x00', 'invoice.pdf', 'application/vnd.microsoft.portable-executable'],
  ]

  for (const [bytes, name, type] of cases) assert.equal(contentTypeOf(bytesOf(bytes), name), type, `${name}: ${bytes}`)
})

test('a browser shows pictures in the page, and saves everything else', () => {
  const cases: [content_type: string, name: string, type: string, isInline: boolean][] = [
    ['image/png', 'a.png', 'image/png', true],
    ['image/png', 'a.exe.png', 'image/png', true],
    ['image/png', 'a.bat', 'image/png', false],
    ['image/svg+xml', 'a.svg', 'application/octet-stream', false],
    ['text/html', 'a.html', 'application/octet-stream', false],
    ['application/pdf', 'a.pdf', 'application/pdf', false],
    ['text/plain', 'a.txt', 'text/plain; charset=utf-8', false],
  ]

  for (const [content_type, name, type, isInline] of cases)
    assert.deepEqual(servedAs({ content_type, name }), { type, isInline }, name)
})

test('a desk may take whole families of types', () => {
  assert.equal(isOneOf('image/png', ['application/pdf', 'image/*']), true)
  assert.equal(isOneOf('imagery/png', ['image/*']), false)
  assert.equal(isOneOf('application/pdf', ['application/pdf']), true)
})

/** Latin-1 where it is one byte a character, else UTF-8. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, /[ü]/.test(text) ? 'utf8' : 'latin1')
}
