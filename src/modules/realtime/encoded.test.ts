import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ws from 'ws'
import { encodeFrame } from './encoded.ts'

const framed = (text: Buffer): Buffer => {
  // The types do not know of it.
  const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } }
  return Buffer.concat(Sender.frame(text, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }))
}

test('a frame is made as the library makes it, however long it is', () => {
  const bare = encodeFrame({ type: 'pong', ref: '', position: 1 }).webSocket().length
  for (const length of [bare, 125, 126, 127, 65_535, 65_536, 70_000]) {
    const encoded = encodeFrame({ type: 'pong', ref: 'x'.repeat(length - bare), position: 1 })

    assert.equal(encoded.webSocket().length, length)
    assert.deepEqual(encoded.webSocketFrame(), framed(encoded.webSocket()))
  }
})
