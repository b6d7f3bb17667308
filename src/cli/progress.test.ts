import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showProgress } from './progress.ts'

test('a terminal sees how far it is, in one line that is wiped in the end', () => {
  const written: string[] = []
  const screen = { isTTY: true, columns: 60, write: (text: string) => written.push(text) }

  const bar = showProgress('filling', 4, { screen, redrawnMs: 0 })
  bar.at(1, '1 ticket')
  bar.at(4, 'a text that is far longer than what is left of the line, and would break it')
  bar.end()

  assert.equal(written[0], `\r\x1b[2Kfilling ${'█'.repeat(6)}${'░'.repeat(18)} 1/4 1 ticket`)
  assert.equal(written[1]?.length, '\r\x1b[2K'.length + 59)
  assert.equal(written[2], '\r\x1b[2K')
})

test('a pipe and a log see nothing, and a fast command costs few lines', () => {
  const [piped, fast]: string[][] = [[], []]
  const pipe = showProgress('filling', 2, { screen: { write: (text: string) => piped?.push(text) } })
  pipe.at(1)
  pipe.end()

  const bar = showProgress('filling', 1000, {
    screen: { isTTY: true, write: (text: string) => fast?.push(text) },
    redrawnMs: 60_000,
  })
  for (let done = 1; done <= 1000; done++) bar.at(done)

  assert.deepEqual(piped, [])
  // The first, and the last one, which is the whole.
  assert.deepEqual([fast?.length, fast?.[1]?.endsWith('1000/1000')], [2, true])
})
