import { readFile } from 'node:fs/promises'
import { escapeHtml, marked } from './error-pages.ts'
import { closeCodes, HEARTBEAT_SECONDS, SUBPROTOCOL, topicKinds } from './modules/realtime/index.ts'
import type { AsyncApiDocument, AsyncApiMessage } from './platform/http/asyncapi.ts'
import { hashedName, type Reference } from './platform/http/reference.ts'

/**
 * `/docs/realtime`: what the streams are, told with the tables of `/asyncapi.json`, and a panel that opens one. It loads and asks
 * nothing but this server, and keeps a credential no longer than the tab is open.
 */
export async function loadRealtimePage(document: AsyncApiDocument): Promise<Reference> {
  const page: Reference = new Map()
  const publish = async (name: string, type: string): Promise<string> => {
    const body = await readFile(new URL(`./realtime-page/${name}`, import.meta.url))
    const path = `/docs/${hashedName(name, body)}`
    page.set(path, { type, body })
    return path
  }
  const style = await publish('look.css', 'text/css; charset=utf-8')
  const script = await publish('panel.js', 'text/javascript; charset=utf-8')
  const body = Buffer.from(renderRealtimePage(document, { style, script }))
  return page.set('/docs/realtime', { type: 'text/html; charset=utf-8', body })
}

function renderRealtimePage(document: AsyncApiDocument, { style, script }: { style: string; script: string }): string {
  const received = messagesOf(document, 'receive')
  const sent = messagesOf(document, 'send')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Realtime</title>
<link rel="stylesheet" href="${style}">
<script src="${script}" type="module"></script>
</head>
<body>
<header class="top"><p><a href="/docs">API reference</a> · <a href="/asyncapi.json">AsyncAPI</a> · <a href="/errors">Problems</a></p></header>
<main>
<h1>Realtime</h1>
<p class="lead">A stream is the log of <code>GET /v1/events</code>, told as it happens: everything that you may see of the topics that you name, in order
of <code>position</code>, at least once, without a gap. Come back with the last position that you have, and you get exactly what you missed.</p>
${panel(received)}
<section aria-labelledby="connecting">
<h2 id="connecting">Connecting</h2>
<dl>
<dt><code>GET /v1/ws</code></dt>
<dd>A WebSocket with the subprotocol <code>${SUBPROTOCOL}</code>: both directions, topics as you go.</dd>
<dt><code>GET /v1/stream?topics=…&amp;after=…</code></dt>
<dd>Server-sent events, for reading alone: what an <code>EventSource</code> or <code>curl -N</code> takes.</dd>
<dt>Who you are</dt>
<dd>Programs send <code>Authorization: Bearer …</code>. Browsers cannot, and a credential in an address ends up in logs: ask
<code>POST /v1/realtime/tokens</code> for a token, and give it as <code>?token=</code>. It works once, within 60 seconds.</dd>
</dl>
</section>
<section aria-labelledby="topics-table">
<h2 id="topics-table">Topics</h2>
${table(
  ['Topic', 'What is heard', 'Who may'],
  topicKinds.map(({ topic, hears, who }) => [`<code>${escapeHtml(topic)}</code>`, marked(hears), marked(who)]),
)}
</section>
<section aria-labelledby="cursor">
<h2 id="cursor">The cursor</h2>
<dl>
<dt><code>after</code></dt>
<dd>Absent: from now on. A position: what came after it, then what comes. <code>0</code>: from the oldest that is kept.</dd>
<dt>A snapshot</dt>
<dd><code>GET /v1/tickets/{ticket}?include=messages,position</code> gives a ticket and the position that was read before it: subscribe with it.</dd>
<dt><code>reset</code></dt>
<dd>What you hold may be incomplete, or too much: the position is older than what is kept, is one that the log does not have, or your rights
have changed. Read your snapshots anew; the stream goes on from the position of the frame.</dd>
<dt>Twice</dt>
<dd>What comes again after a cut has the same position: drop it. Of an object that you hold already, the higher <code>version</code> wins.</dd>
<dt>Every ${HEARTBEAT_SECONDS} seconds</dt>
<dd>Beckon says how far it has told. Where nothing came for twice as long, the connection is dead: open another one.</dd>
</dl>
</section>
<section aria-labelledby="said">
<h2 id="said">What you send</h2>
${frameTable(received)}
</section>
<section aria-labelledby="told">
<h2 id="told">What you are told</h2>
${frameTable(sent)}
</section>
<section aria-labelledby="codes">
<h2 id="codes">Close codes</h2>
${table(
  ['Code', 'Reason', 'What it means', 'What to do'],
  Object.entries(closeCodes).map(([reason, { code, means, advice }]) => [
    `<code data-close="${code}">${code}</code>`,
    `<code>${reason}</code>`,
    marked(means),
    marked(advice),
  ]),
)}
<p class="quiet">An event stream says the same by a last block, <code>event: error</code>, with a problem. A connection that is refused is an HTTP answer in
<code>application/problem+json</code>.</p>
</section>
</main>
</body>
</html>
`
}

/** The messages of the WebSocket in one direction, in the order of the description. */
function messagesOf({ operations, components }: AsyncApiDocument, action: 'send' | 'receive'): AsyncApiMessage[] {
  return Object.entries(operations)
    .filter(([name, operation]) => name.startsWith('webSocket.') && operation.action === action)
    .flatMap(([name]) => components.messages[name.slice(`webSocket.${action}`.length)] ?? [])
}

function panel(frames: AsyncApiMessage[]): string {
  const templates = frames.map(
    ({ title, examples: [example] }) =>
      `<option value="${escapeHtml(JSON.stringify(example?.payload ?? {}, null, 1))}">${escapeHtml(title)}</option>`,
  )
  return `<section class="panel" aria-labelledby="try">
<h2 id="try">Try it</h2>
<noscript><p class="bad">This panel needs JavaScript. <code>curl -N</code> with <code>/v1/stream</code> shows the same.</p></noscript>
<div class="columns">
<div>
<form id="connection">
<div class="field">
<label for="credential">Access token</label>
<input id="credential" type="password" autocomplete="off" spellcheck="false" aria-describedby="credential-hint" required>
<p class="hint" id="credential-hint">The <code>access_token</code> of <code>POST /v1/auth/login</code>, or an API key. It stays in the memory of this tab.</p>
</div>
<div class="pair">
<div class="field">
<label for="topics">Topics</label>
<input id="topics" value="me" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="topics-hint" required>
<p class="hint" id="topics-hint">With commas between.</p>
</div>
<div class="field">
<label for="after">After</label>
<input id="after" inputmode="numeric" pattern="[0-9]*" placeholder="now" autocomplete="off" aria-describedby="after-hint">
<p class="hint" id="after-hint">A position, or nothing.</p>
</div>
</div>
<fieldset>
<legend>By</legend>
<label><input type="radio" name="transport" value="socket" checked> WebSocket</label>
<label><input type="radio" name="transport" value="stream"> Event stream</label>
</fieldset>
<p class="actions"><button id="connect">Connect</button> <button type="button" id="disconnect" class="second" disabled>Disconnect</button></p>
</form>
<p class="state"><span id="lamp" data-state="off" aria-hidden="true"></span><span id="state" role="status">Not connected.</span></p>
<form id="saying">
<div class="field">
<label for="template">Frame to send</label>
<select id="template">${templates.join('')}</select>
</div>
<div class="field">
<label for="frame" class="unseen">The frame as JSON</label>
<textarea id="frame" rows="7" spellcheck="false" autocapitalize="none" aria-describedby="frame-hint"></textarea>
<p class="hint" id="frame-hint">Connect by WebSocket first.</p>
</div>
<p class="actions"><button id="send" disabled>Send</button></p>
</form>
</div>
<div class="heard">
<div class="bar">
<h3 id="frames-title">Frames <span id="count" class="quiet"></span></h3>
<label><input type="checkbox" id="heartbeats"> Heartbeats</label>
<button type="button" id="clear" class="second">Clear</button>
</div>
<ol id="frames" aria-labelledby="frames-title" tabindex="0"></ol>
<p id="none" class="quiet">Nothing yet. The newest will stand on top; open one to see all of it.</p>
<p id="news" class="unseen" aria-live="polite"></p>
</div>
</div>
</section>`
}

function frameTable(messages: AsyncApiMessage[]): string {
  const rows = messages.map(({ title, summary = '', examples: [example] }) => [
    `<span class="type" data-type="${escapeHtml(title)}">${escapeHtml(title)}</span>`,
    `${marked(summary)}<details><summary>Example</summary><pre tabindex="0">${escapeHtml(JSON.stringify(example?.payload, null, 2))}</pre></details>`,
  ])
  return table(['Frame', 'What it says'], rows)
}

/** Cells are HTML already. */
function table(heads: string[], rows: string[][]): string {
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map((cell, i) => `<td data-head="${heads[i]}">${cell}</td>`).join('')}</tr>`)
  return `<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>`
}
