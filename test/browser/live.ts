// Streams in headless Chromium: its own EventSource and WebSocket, the page of the examples, and the panel of /docs/realtime.
//   npm run test:browser      (CHROMIUM=/usr/bin/chromium; PICTURES=DIR keeps what the pages look like)
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { goodPassword, registered } from '../accounts.ts'
import { type Cutter, openCutter } from '../cutter.ts'
import { type Desk, type Json, openDesk } from '../desk.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const root = join(import.meta.dirname, '../..')
const types: Record<string, string> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' }
const phone = { width: 360, height: 740 }
const wide = { width: 1280, height: 900 }

/** Serves the folder `examples` as anybody may, on an origin that is not Beckon's. */
async function serveExamples(t: TestContext): Promise<number> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = join('examples', new URL(url, 'http://a').pathname.replace(/\/$/, '/index.html'))
    const content = await readFile(join(root, path)).catch(() => undefined)
    response.writeHead(content ? 200 : 404, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port // it listens on a port
}

interface Place {
  desk: Desk
  cutter: Cutter
  /** Beckon, by a way that can be cut. */
  url: string
  /** Where the examples are, on an origin that Beckon lets in. */
  examples: string
  /** The same pages, on an origin that it does not know. */
  strange: string
  page(viewport?: { width: number; height: number }): Promise<Page>
}

async function openPlace(t: TestContext, browser: Browser): Promise<Place> {
  const port = await serveExamples(t)
  const origin = `http://127.0.0.1:${port}`
  const desk = await openDesk(t, { env: { BECKON_CORS_ORIGINS: origin } })
  await desk.app.server.listen({ port: 0, host: '127.0.0.1' })
  const cutter = await openCutter((desk.app.server.server.address() as AddressInfo).port) // it listens on a port
  t.after(() => cutter.close())
  const context = await browser.newContext()
  t.after(() => context.close())
  const page: Place['page'] = async (viewport = wide) => {
    const page = await context.newPage()
    await page.setViewportSize(viewport)
    page.on('pageerror', (error) => assert.fail(`the page fails: ${error.stack}`))
    return page
  }
  return {
    ...{ desk, cutter, page },
    url: `http://127.0.0.1:${cutter.port}`,
    examples: origin,
    strange: `http://localhost:${port}`,
  }
}

/** The function of the guide that listens by an EventSource, word for word but for the server that it asks. */
function listenOfGuide(url: string): string {
  const guide = readFileSync(join(root, 'docs/realtime.md'), 'utf8')
  const [, block] = /<!-- event source[^>]*-->\n```js\n([\s\S]*?)```/.exec(guide) ?? []
  assert.ok(block, 'the guide shows how to listen')
  return block.replace('`/v1/stream', `\`${url}/v1/stream`)
}

async function look(page: Page, name: string): Promise<void> {
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true })
}

/** Nothing of a page is wider than the page. */
async function assertFits(page: Page): Promise<void> {
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= (page.viewportSize()?.width ?? 0), `it is ${width} px wide`)
}

test('streams in a browser', { timeout: 120_000 }, async (t) => {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ]
  const browser = await chromium.launch({ executablePath, args })
  t.after(() => browser.close())
  t.diagnostic(`Chromium ${browser.version()}`)

  await t.test(
    'an EventSource as the guide has it comes back with a new token, misses nothing, and drops what comes twice',
    async (t) => {
      const { desk, cutter, url, examples, page: openPage } = await openPlace(t, browser)
      const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
      const { id } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
      const say = (body: string) => ann.post(`/v1/tickets/${id}/messages`, { body })
      await desk.settle()
      const page = await openPage()
      await page.goto(`${examples}/browser/`)
      const tokens = () => desk.query('select count(*) as n from realtime_tokens')
      await page.evaluate(`(async () => {
      const { apply, load, nothing } = await import('/apply.js')
      const ask = async (method, path) => {
        const answer = await fetch(${JSON.stringify(url)} + path, { method, headers: { Authorization: 'Bearer ${ada.token}' } })
        if (!answer.ok) throw new Error(String(answer.status))
        return answer.json()
      }
      window.failures = 0
      const newToken = async () => (await ask('POST', '/v1/realtime/tokens').catch((error) => { failures++; throw error })).token
      const pause = () => new Promise((resolve) => setTimeout(resolve, 100))
      window.held = nothing()
      window.seen = []
      load(held, await ask('GET', '/v1/tickets/${id}?include=messages,position'))
      const take = (event) => { seen.push(event.position); apply(held, event) }
      const readAnew = () => {}
      ${listenOfGuide(url)}
      // From the oldest: all that the snapshot has comes once more.
      listen(await newToken(), 0)
      window.bodies = () => [...held.messages.values()].map(({ body }) => body).join(' ')
    })()`)
      const until = (bodies: string) => page.waitForFunction(`bodies() === ${JSON.stringify(bodies)}`)

      await say('One.')
      await until('It burns. One.')
      cutter.cut()
      await say('Two.')
      await ann.post(`/v1/tickets/${id}/messages`, { body: 'canary', visibility: 'internal' })
      await say('Three.')
      // It has to come back more than once.
      await page.waitForFunction('failures > 0')
      cutter.mend()
      await until('It burns. One. Two. Three.')

      const fresh = (await ada.get(`/v1/tickets/${id}?include=messages`)).body.messages
      assert.deepEqual(await page.evaluate('[...held.messages.values()]'), fresh)
      const seen = await page.evaluate<number[]>('seen')
      const log = (await ada.get('/v1/events?after=0&limit=100')).body.data.map(({ position }: Json) => position)
      assert.deepEqual(seen, log)
      assert.ok(Number((await tokens())[0].n) <= 2)
    },
  )

  await t.test(
    'the page of the examples, on another origin, survives a cut and says once what was written meanwhile',
    async (t) => {
      const { desk, cutter, url, examples, page: openPage } = await openPlace(t, browser)
      const ada = await registered(desk, 'ada@example.com')
      const ann = await desk.person({ role: 'agent', name: 'Ann' })
      const { id, number } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It **burns**.' })).body
      const page = await openPage(phone)
      await page.goto(`${examples}/browser/`)
      await page.getByLabel('Beckon').fill(url)
      await page.getByLabel('E-mail').fill('ada@example.com')
      await page.getByLabel('Password').fill(goodPassword)
      await page.getByLabel('Ticket').fill(String(number))
      await page.getByRole('button', { name: 'Open' }).click()
      const messages = page.getByRole('list', { name: 'Messages' }).getByRole('listitem')
      const state = page.getByRole('status')

      await state.getByText('Connected.').waitFor()
      await ann.post(`/v1/tickets/${id}/messages`, { body: 'Pull the plug.' })
      await messages.getByText('Pull the plug.').waitFor()
      cutter.cut()
      await state.getByText(/^Away/).waitFor()
      await page.getByLabel('Your message').fill('I was away.')
      await page.getByRole('button', { name: 'Send' }).click()
      await messages.getByText('I was away.').waitFor()
      await ann.post(`/v1/tickets/${id}/messages`, { body: 'Are you there?' })
      await look(page, 'example-away')
      cutter.mend()
      await page.waitForFunction("!document.querySelector('.pending') && document.querySelectorAll('#messages li').length === 4")

      const texts = await messages.locator('div').allInnerTexts()
      assert.deepEqual(texts.map((text) => text.trim()).sort(), ['Are you there?', 'I was away.', 'It burns.', 'Pull the plug.'])
      const kept = (await ann.get(`/v1/tickets/${id}/messages`)).body.data
      assert.equal(kept.filter(({ body }: Json) => body === 'I was away.').length, 1)
      await state.getByText('Connected.').waitFor()
      await assertFits(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      await look(page, 'example-dark')
    },
  )

  await t.test('a page of an origin that Beckon does not know can open neither', async (t) => {
    const { desk, url, strange, page: openPage } = await openPlace(t, browser)
    const ada = await desk.person()
    const page = await openPage()
    await page.goto(`${strange}/browser/`)
    const token = async () => (await ada.post('/v1/realtime/tokens')).body.token
    const opened = (line: string) =>
      page.evaluate(`new Promise((resolve) => {
        const line = ${line}
        line.onopen = () => resolve('open')
        line.onerror = () => resolve('refused')
      })`)

    const socket = await opened(`new WebSocket('${url.replace('http', 'ws')}/v1/ws?token=${await token()}', 'beckon.v1+json')`)
    assert.equal(desk.app.hub.count().connections, 0)
    const source = await opened(`new EventSource('${url}/v1/stream?topics=me&token=${await token()}')`)

    // The server would tell it; the browser tells it to no page of another origin.
    assert.deepEqual([socket, source], ['refused', 'refused'])
  })

  await t.test('the panel of the documentation subscribes, sends, and says what it may not hear', async (t) => {
    const { desk, cutter, url, page: openPage } = await openPlace(t, browser)
    const [ada, ann] = [await desk.person(), await desk.person({ role: 'agent' })]
    const { id, number } = (await ada.post('/v1/tickets', { subject: 'Fire', body: 'It burns.' })).body
    const page = await openPage()
    await page.goto(`${url}/docs/realtime`)
    const frames = page.locator('#frames li summary')
    const state = page.getByRole('status')
    const connect = async (topics: string) => {
      await page.getByLabel('Topics', { exact: true }).and(page.locator('input')).fill(topics)
      await page.locator('#connect').click()
    }

    await page.getByLabel('Access token').fill(ada.token)
    await connect('ticket:999999')
    await state.getByText(/cannot be heard/).waitFor()
    assert.equal(await page.getByLabel('Topics', { exact: true }).and(page.locator('input')).getAttribute('aria-invalid'), 'true')
    await connect(`ticket:${number}`)
    await state.getByText('Connected by WebSocket.').waitFor()
    await page.getByLabel('Frame to send').selectOption({ label: 'send' })
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await frames.filter({ hasText: '↓ ack' }).waitFor()
    await frames.filter({ hasText: 'message.created' }).waitFor()
    cutter.cut()
    await state.getByText(/Coming back/).waitFor()
    await ann.post(`/v1/tickets/${id}/messages`, { body: 'Pull the plug.' })
    cutter.mend()
    await frames.filter({ hasText: 'Pull the plug.' }).waitFor()
    await look(page, 'panel-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await look(page, 'panel-dark')
    await page.setViewportSize(phone)
    await look(page, 'panel-phone')
    await assertFits(page)

    await page.getByLabel('Event stream').check()
    await connect(`ticket:${number}`)
    await state.getByText('Connected by event stream.').waitFor()
    await ann.post(`/v1/tickets/${id}/messages`, { body: 'By the other door.' })
    await frames.filter({ hasText: 'By the other door.' }).waitFor()
    await connect('ticket:999999')
    await state.getByText(/not|no /i).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Disconnect' }).isDisabled())
  })
})
