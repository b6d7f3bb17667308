import { withoutBidiControls } from '../../platform/markdown/plain.ts'

const CONTROLS = /(?![\t\n])\p{Cc}/gu

/** A text that can be kept: lines end in LF; no NUL, no control character, no half of a pair. */
export function cleanText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(CONTROLS, '').toWellFormed()
}

/** One line for names and subjects: nothing that breaks it, hides in it, or turns it round; cut where it is too long. */
export function cleanLine(text: string, max: number): string {
  const line = withoutBidiControls(text.slice(0, max * 4).replace(/[\p{Cc}\u2028\u2029 ]+/gu, ' ')).toWellFormed()
  return line.trim().slice(0, max).toWellFormed().trim()
}
