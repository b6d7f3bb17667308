import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'

/** What happened while a page showed a message. */
export interface Visit {
  /** Calls of `hit()`, dialogs, lines in the console, errors: whatever a script does. */
  scripts: string[]
  /** Hosts that the page asked for something, its own aside. */
  hosts: string[]
  /** Where the page, or a frame or a window of it, went. */
  moves: string[]
  /** Elements, attributes and addresses that no message may have. */
  wrong: string[]
}

/** A browser that shows messages. */
export interface Visitor {
  version: string
  visit(html: string): Promise<Visit>
  close(): Promise<void>
}

// What Chromium asks of its maker for itself: no body of the corpus names these hosts.
const BROWSERS_OWN = /\.(google|googleapis|gstatic)\.com(:443)?$/

// The page has no policy of its own: what is in it must be safe by itself.
const pageOf = (html: string): string => `<!doctype html><meta charset="utf-8"><title>A message</title><main>${html}</main>`

/** Runs in the page. Puts the message into other places as scripts do, goes over each element, and tells what no message may have. */
const look = (html: string): string => `(() => {
  const html = ${JSON.stringify(html).replaceAll('<', '\\u003c')}
  document.addEventListener('click', (event) => event.preventDefault(), true)
  for (const around of ['div', 'p', 'table', 'td', 'select', 'textarea', 'noscript', 'template', 'svg', 'math', 'title', 'style', 'xmp']) {
    const once = document.createElement('div')
    once.innerHTML = '<' + around + '>' + html + '</' + around + '>'
    document.body.append(once)
    const twice = document.createElement('div')
    twice.innerHTML = once.innerHTML
    document.body.append(twice)
    const parsed = new DOMParser().parseFromString(html, 'text/html')
    document.body.append(...document.importNode(parsed.body, true).childNodes)
  }
  const wrong = new Set()
  const allowed = {
    A: ['href', 'rel', 'dir'], OL: ['start'], SPAN: ['data-image', 'data-attachment'],
    IMG: ['src', 'alt', 'loading', 'referrerpolicy'],
    ...Object.fromEntries('P H1 H2 H3 H4 H5 H6 LI PRE TH TD'.split(' ').map((tag) => [tag, ['dir']])),
    ...Object.fromEntries('BR HR STRONG EM S CODE BLOCKQUOTE UL TABLE THEAD TBODY TR'.split(' ').map((tag) => [tag, []])),
  }
  for (const element of document.querySelectorAll('main *')) {
    const names = allowed[element.tagName]
    if (!names) wrong.add('<' + element.tagName + '>')
    for (const { name, value } of element.attributes) if (!names?.includes(name)) wrong.add(element.tagName + ' ' + name + '=' + value)
  }
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) if (/^on|^(srcdoc|formaction|action|background|poster|srcset|ping|style)$/.test(name)) wrong.add(name + '=' + value)
    if (element.tagName === 'A' && element.href !== '' && !/^(https?|mailto):$/.test(element.protocol)) wrong.add('to ' + element.href)
    if (element.tagName === 'A' && element.href.startsWith(location.origin)) wrong.add('to this page: ' + element.href)
    for (const type of ['pointerover', 'mouseover', 'mouseenter', 'mousemove', 'focus', 'focusin', 'blur', 'toggle', 'load', 'error', 'animationstart', 'click'])
      element.dispatchEvent(new (type === 'click' ? MouseEvent : Event)(type, { bubbles: true, cancelable: true }))
  }
  return [...wrong]
})()`

/** Opens headless Chromium, whose only way out is a proxy here on loopback that lets nothing through and writes down everything. */
export async function openVisitor(executablePath: string): Promise<Visitor> {
  let asked: string[] = []
  let shown = ''
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '', origin())
    if (url?.origin === origin() && url.pathname === '/message') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageOf(shown))
      return
    }
    if (url?.pathname !== '/favicon.ico') asked.push(url?.origin === origin() ? url.pathname : (url?.host ?? ''))
    response.writeHead(404).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  const origin = (): string => `http://127.0.0.1:${port}`

  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--allow-browser-signin=false', '--gaia-url=http://127.0.0.1:9'],
    ],
    proxy: { server: origin(), bypass: '<-loopback>' },
  })
  const context = await browser.newContext()
  let visit: Visit = { scripts: [], hosts: [], moves: [], wrong: [] }
  await context.exposeFunction('hit', () => void visit.scripts.push('hit()'))
  const page: Page = await context.newPage()
  context.on('page', (other) => visit.moves.push(`a window: ${other.url()}`))
  page.on('dialog', (dialog) => {
    visit.scripts.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // That an image did not come, for instance, is said by the browser itself.
    if (!/^Failed to load resource/.test(message.text())) visit.scripts.push(`the console: ${message.text()}`)
  })
  page.on('pageerror', (error) => visit.scripts.push(`an error: ${error.message}`))
  page.on('framenavigated', (frame) => {
    if (frame.url() !== `${origin()}/message`) visit.moves.push(frame.url())
  })
  page.on('frameattached', (frame) => visit.moves.push(`a frame: ${frame.url()}`))

  return {
    version: browser.version(),
    visit: async (html) => {
      await page.goto('about:blank')
      visit = { scripts: [], hosts: [], moves: [], wrong: [] }
      asked = []
      shown = html
      await page.goto(`${origin()}/message`, { waitUntil: 'load' })
      const wrong = await page.evaluate<string[]>(look(html)).catch((error: Error) => [error.message])
      // A page that is on its way elsewhere has to get there, so that it is seen.
      if (wrong.some((error) => /context was destroyed/.test(error)))
        await page.waitForEvent('framenavigated', { timeout: 5000 }).catch(() => {})
      await page.waitForTimeout(20)
      return { ...visit, wrong, hosts: [...new Set(asked)].filter((host) => !BROWSERS_OWN.test(host)) }
    },
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}
