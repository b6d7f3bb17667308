import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus } from '../../../test/mails/corpus.ts'
import { classify, type MailKind } from './classification.ts'
import { parseMail } from './parse-mail.ts'

/** Which kinds a sample's class stands for: a person's mail may ask not to be answered by machines. */
const kinds: Readonly<Record<string, readonly MailKind[]>> = {
  person: ['normal', 'bulk'],
  auto_reply: ['auto_reply', 'automatic'],
  bounce: ['bounce'],
  list: ['list'],
}

test('bounces, answering machines, lists and people are told apart, in many dialects', async () => {
  const wrong: string[] = []
  let count = 0
  for (const { name, raw, expect } of corpus) {
    if (expect.class === undefined) continue
    count++
    const mail = await parseMail(new Uint8Array(raw))
    assert.ok(!('refused' in mail), name)
    const { kind, signs } = classify(mail, null)
    if (!kinds[expect.class]?.includes(kind)) wrong.push(`${name}: ${kind} (${signs}) instead of ${expect.class}`)
  }

  assert.deepEqual(wrong, [])
  assert.ok(count > 100)
})
