import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceOf } from './imap-folder.ts'

const server = { host: 'imap.example.com', user: 'support', folder: 'INBOX' }

test('what one mailbox took from a folder has not come to another, and a folder of another account is another', () => {
  const place = { path: 'INBOX' }
  const names = [
    sourceOf(server, place, 'mbx_1'),
    sourceOf(server, place, 'mbx_2'),
    sourceOf({ ...server, user: 'sales' }, place, 'mbx_1'),
    sourceOf({ ...server, host: 'imap.example.org' }, place, 'mbx_1'),
    sourceOf({ ...server, folder: 'Sales' }, { path: 'Sales' }, 'mbx_1'),
  ]

  assert.equal(new Set(names).size, names.length)
  assert.equal(sourceOf({ ...server, host: 'IMAP.example.com' }, place, 'mbx_1'), names[0])
})
