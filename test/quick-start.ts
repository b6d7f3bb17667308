import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

/** Types the quick start of the README into a shell, against a server that listens on this port with this data folder. */
export async function quickStartOn({ port, folder }: { port: number; folder: string }): Promise<void> {
  const env = { PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH ?? ''}`, HOME: folder, BECKON_DATA_DIR: folder }
  const shell = spawn('bash', ['-eu'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  shell.stdin.end(quickStart().replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`))
  const output = await text(shell.stdout)

  // The answers of the commands stand one after the other.
  assert.match(output, /"status":"check_your_mail"/)
  assert.match(output, /Smoke comes out of \*\*tray 2\*\*.*Pull the plug, please\./s)
  assert.match(output, /"status":"closed"/)
  // Mia's ticket, which came by mail: her mail, the answer, and her reply to it.
  assert.match(output, /Magenta is empty\..*It is on its way\..*It came\. Thanks!/s)
  assert.equal(output.match(/"channel":"mail"/g)?.length, 2)
  assert.doesNotMatch(output, /problem|"code":/)
}

function quickStart(): string {
  const [, block] = /<!-- quick start[^>]*-->\n```sh\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  assert.ok(block, 'README.md has a quick start')
  return block
}

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}

/** Resolves when a server answers on this port. */
export async function listening(port: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)) return
    await wait(100)
  }
  assert.fail('the server does not start')
}
