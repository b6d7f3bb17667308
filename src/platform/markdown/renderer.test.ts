import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createThreads } from '../threads.ts'
import { createRenderer, type Renderer } from './renderer.ts'

const MEBIBYTE = 1024 * 1024

/** A renderer that says which of its work was done in threads. */
function watched(t: { after(end: () => unknown): void }): Renderer & { inThreads: unknown[]; failures: string[] } {
  const inThreads: unknown[] = []
  const failures: string[] = []
  const threads = createThreads<never, string[]>({
    entry: new URL('./thread.ts', import.meta.url),
    ...{ size: 1, taskMs: 20_000, waitMs: 60_000, queueMax: 10, memoryMb: 512 },
    onFailure: (failure) => failures.push(failure),
  })
  const renderer = createRenderer({
    onFailure: (failure) => failures.push(failure),
    threads: {
      ...threads,
      run: (task) => {
        inThreads.push(task)
        return threads.run(task as never)
      },
    },
  })
  t.after(() => renderer.close())
  return { ...renderer, inThreads, failures }
}

test('what people usually write is rendered at once', async (t) => {
  const renderer = watched(t)

  const html = await renderer.render('Hello *there*,\n\n1. see https://kb.example/49\n2. wait\n\n> did you?\n')

  assert.match(html, /^<p dir="auto">Hello <em>there<\/em>,<\/p>\n<ol>\n<li dir="auto">see <a href="https:\/\/kb/)
  assert.equal(renderer.inThreads.length, 0)
})

test('a mebibyte of anything is rendered in a thread, and nobody waits for it', async (t) => {
  const renderer = watched(t)
  const pieces = ['Hello **you**, see https://a.example\n\n', '[', '> ', '<', '![a](https://b.example/c) ']

  for (const piece of pieces) {
    const body = piece.repeat(MEBIBYTE / piece.length)
    let turns = 0
    const interval = setInterval(() => turns++, 1)

    const html = await renderer.render(body)
    clearInterval(interval)

    assert.ok(html.length >= body.trim().length / 2, `${piece} is lost`)
    assert.ok(turns > 0, `nothing else ran while ${piece} was rendered`)
  }
  assert.equal(renderer.inThreads.length, pieces.length)
})

test('ten thousand nested quotes are shown as they were written', async (t) => {
  const renderer = watched(t)

  const html = await renderer.render(`${'> '.repeat(10_000)}help`)

  assert.equal(renderer.inThreads.length, 1)
  assert.equal(html, `<p dir="auto">${'&gt; '.repeat(10_000)}help</p>\n`)
})

test('what takes too long, or finds no room, is shown as plain text, and nothing is lost', async (t) => {
  const failures: string[] = []
  const onFailure = (failure: string): void => void failures.push(failure)
  const entry = new URL(
    'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {}); parentPort.postMessage("ready")',
  )
  const threads = createThreads<never, string[]>({
    ...{ entry, size: 1, taskMs: 50, waitMs: 20_000, queueMax: 1, memoryMb: 64, onFailure },
  })
  const renderer = createRenderer({ onFailure, threads: threads as never })
  t.after(() => renderer.close())
  const body = `**<b>\u202e${'x *y*\n'.repeat(2000)}`

  const htmls = await Promise.all([renderer.render(body), renderer.render(body)])

  for (const html of htmls) assert.ok(html.startsWith('<p dir="auto">**&lt;b&gt;x *y*<br />\nx *y*<br />'))
  assert.deepEqual(failures, ['busy', 'too_slow'])
})

test('images are put into long texts in a thread, and into no text where that fails', async (t) => {
  const renderer = watched(t)
  const html = await renderer.render('![a](https://b.example/c)')
  const wanted = { images: 'all' as const, texts: Array.from({ length: 500 }, () => ({ html, links: new Map() })) }
  const [shown = ''] = await renderer.showImages({ ...wanted, texts: wanted.texts.slice(0, 1) })
  assert.match(shown, /<img src="https:\/\/b\.example\/c" alt="a"/)
  assert.equal(renderer.inThreads.length, 0)

  const all = await renderer.showImages(wanted)
  await renderer.close()
  const none = await renderer.showImages(wanted)

  assert.deepEqual(
    all,
    wanted.texts.map(() => shown),
  )
  assert.deepEqual(
    none,
    wanted.texts.map(() => html),
  )
  assert.equal(renderer.inThreads.length, 2)
  assert.deepEqual(renderer.failures, ['closed'])
})
