import { plainHtml } from '../../platform/markdown/plain.ts'
import type { Brought } from '../attachments/index.ts'
import { BODY_MAX, type Text } from '../messages/index.ts'
import type { Decision } from './deciding.ts'
import type { ParsedMail } from './parsed-mail.ts'

type Shown = Pick<ParsedMail, 'text' | 'reply' | 'quoted' | 'html' | 'reply_html' | 'cut'>

const NO_TEXT = '(no text)'
const IMAGE = /<img\b[^>]*?\bsrc\s*=\s*"cid:([^"]{1,250})"[^>]*>/gi
const ALT = /\balt\s*=\s*"([^"]*)"/i

/** What a mail says as a message: what its author wrote this time, and beneath it what was left out. */
export function textOf(mail: Shown, left_out: readonly string[]): Text {
  const said = [mail.reply, mail.text].find((text) => text.trim() !== '') ?? NO_TEXT
  const notes = [...left_out, ...mail.cut.filter((what) => what !== 'files').map((what) => CUT[what] ?? `${what}: too long`)]
  const tail = notes.length === 0 ? '' : `\n\n(${notes.join('; ')})`
  const body = said.slice(0, BODY_MAX - tail.length - 2000).toWellFormed() + tail
  const html = mail.reply_html ?? (mail.quoted === null ? mail.html : null)
  return { body, body_html: html === null || html.trim() === '' ? plainHtml(body) : html + plainHtml(tail) }
}

const CUT: Readonly<Record<string, string>> = {
  text: 'The mail was longer than what is shown.',
  html: 'The mail was longer than what is shown.',
  headers: 'The header of the mail was cut.',
}

/** What is said of the files that did not come in. */
export function leftOut(brought: readonly Brought[], files: number): string[] {
  const notes = brought.flatMap((one) =>
    'refused' in one
      ? [
          `The file “${one.name}” was left out: ${one.refused === 'too_large' ? 'it is too large' : 'files of its type are not taken'}`,
        ]
      : [],
  )
  const more = files - brought.length
  return more > 0 ? [...notes, `${more} more files were left out`] : notes
}

/** The HTML with the images that came with the mail: each becomes the mark of its attachment, or its words where there is none. */
export function withImages(html: string, attachments: ReadonlyMap<string, string>): string {
  return html.replace(IMAGE, (image, cid: string) => {
    const alt = (ALT.exec(image)?.[1] ?? '').replaceAll(/[<>]/g, '')
    const id = attachments.get(cid) ?? attachments.get(decoded(cid))
    return id === undefined ? alt : `<span data-attachment="${id}">${alt === '' ? 'image' : alt}</span>`
  })
}

function decoded(cid: string): string {
  try {
    return decodeURIComponent(cid.replaceAll('&amp;', '&'))
  } catch {
    return cid
  }
}

/** A note's first line: whose mail it is, and how it is to be taken. */
export function withBanner(
  text: Text,
  { decision, name, address, aligned }: { decision: Decision & { do: 'note' }; name: string; address: string; aligned: boolean },
): Text {
  const who = `${name} <${address}>`
  const unproven = aligned ? '' : ' Nobody vouches for it: anybody may have written it.'
  const line =
    decision.trust === 'auto_reply'
      ? `Automatic reply of ${who}.${unproven}`
      : decision.trust === 'verified'
        ? `Mail of ${who}, kept as a note: ${WHY[decision.reason] ?? decision.reason}.`
        : `Mail of ${who}, who takes no part in this ticket or did not prove to be who he says.${unproven}`
  return { body: `${line}\n\n${text.body}`.slice(0, BODY_MAX), body_html: plainHtml(line) + text.body_html }
}

const WHY: Readonly<Record<string, string>> = {
  agents_do_not_answer_by_mail: 'agents do not answer by mail here',
  ticket_closed: 'the ticket is closed',
}
