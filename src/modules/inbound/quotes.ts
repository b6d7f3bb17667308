import EmailReplyParser from 'email-reply-parser'

/** A text, and which part of it somebody wrote this time. */
export interface SplitText {
  reply: string
  /** What was cut off; null where nothing was. */
  quoted: string | null
}

const LINE_MAX = 400
const LIBRARY_MAX = 20_000

/**
 * Parts what somebody wrote from what is quoted below or above it. Answers within a quote keep everything, and so does whatever is in
 * doubt. Linear in the length of the text.
 */
export function splitQuote(text: string, { isForward = false }: { isForward?: boolean } = {}): SplitText {
  const whole = { reply: text.trim(), quoted: null }
  if (isForward) return whole
  const lines = text.split('\n')
  return byMarks(lines) ?? byHeader(lines) ?? byLibrary(text) ?? whole
}

const FORWARD_SUBJECT = /^\s*(?:fwd?|wg|tr|rv|enc|vs|vb|pd|doorst|i|转发|轉寄|転送|fs|vl|yön|προώθ|ilt|továbbítás)\s*[:：]/i

/** Whether a subject says that the mail is about another one. */
export function isForwardSubject(subject: string): boolean {
  return FORWARD_SUBJECT.test(subject.slice(0, 40))
}

// "On … wrote:", as clients say it above what they quote.
const ATTRIBUTIONS: readonly RegExp[] = [
  /^(?:on|at)\b.*\b(?:wrote|writes|said)\s*[:：]$/i,
  /\b(?:wrote|writes)\s*[:：]$/i,
  /^am\b.*\bschrieb\b.*[:：]$/i,
  /\bschrieb(?:en)?\s+am\b.*[:：]$/i,
  /^le\b.*\ba\s+écrit\s*[:：]$/i,
  /^el\b.*\bescribió\s*[:：]$/i,
  /^(?:em|a|no dia)\b.*\bescreveu\s*[:：]$/i,
  /^(?:il|in data)\b.*\bha\s+scritto\s*[:：]$/i,
  /^op\b.*\b(?:schreef|het volgende geschreven)\b.*[:：]$/i,
  /^(?:den|på)\b.*\bskrev\b.*[:：]$/i,
  /^(?:w dniu|dnia|.{0,60}\d{4})\b.*(?:napisał|pisze)(?:\(a\)|a)?\s*[:：]$/i,
  /\bkirjoitti\s*[:：]$/i,
  /^dne\b.*\bnapsal(?:\(a\)|a)?\s*[:：]$/i,
  /(?:написал|пишет|писал|пише|написав)(?:\(а\)|а|ла)?\s*[:：]$/i,
  /(?:tarihinde|şunu).*yazdı\s*[:：]$/i,
  /\ba\s+scris\s*[:：]$/i,
  /(?:írta|ezt írta).*[:：]$/i,
  /έγραψε\s*[:：]$/i,
  /(?:写道|寫道)\s*[:：]$/,
  /(?:のメール|書きました|のメッセージ)\s*[:：]?$/,
  /^\d{4}年\d{1,2}月\d{1,2}日.*<[^<>\s]+@[^<>\s]+>\s*[:：]$/,
  /님이 (?:작성|씀).*[:：]$/,
  /^(?:في|بتاريخ).*كتب.*[:：]$/,
]
// Any line that ends so and names somebody, above a line that is quoted.
const ANY_ATTRIBUTION = /(?:@|\d{1,2}[:.]\d{2}|\d{4}).*[:：]$/

const FROM_WORDS =
  'from|von|de|da|van|från|fra|od|lähettäjä|от|від|kimden|gönderen|差出人|送信者|发件人|寄件者|보낸 사람|من|nadawca|expéditeur|remitente|mittente|feladó|odesílatel|expeditor|από|afzender'
const OTHER_WORDS =
  'sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado(?: el)?|enviada(?: em)?|fecha|data|para|asunto|assunto|inviato|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|dato|wysłano|do|temat|lähetetty|vastaanottaja|aihe|отправлено|дата|кому|копия|тема|надіслано|gönderildi|tarih|kime|konu|送信日時|日付|宛先|件名|发送时间|日期|收件人|抄送|主题|寄件日期|收件者|主旨|보낸 날짜|받는 사람|제목|تاريخ الإرسال|التاريخ|إلى|الموضوع|elküldve|címzett|tárgy|odesláno|komu|předmět|trimis|către|subiect|εστάλη|προς|θέμα'
const FROM_LINE = new RegExp(`^[*_ ]{0,3}(?:${FROM_WORDS})[*_ ]{0,3}[:：]`, 'i')
const OTHER_LINE = new RegExp(`^[*_ ]{0,3}(?:${OTHER_WORDS})[*_ ]{0,3}[:：]`, 'i')
const ORIGINAL =
  /^[-_ ]{2,}(?:original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine|message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|oryginalna wiadomość|wiadomość oryginalna|alkuperäinen viesti|исходное сообщение|orijinal mesaj|元のメッセージ|原始邮件|原邮件|原始郵件|원본 메시지|الرسالة الأصلية)[-_ ]{2,}$/i
const FORWARDED =
  /^(?:[-_ ]{2,}(?:forwarded (?:message|by).*|weitergeleitete nachricht|message transféré|mensaje reenviado|mensagem encaminhada|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|przekazana wiadomość|пересылаемое сообщение|пересланное сообщение|転送されたメッセージ|转发的邮件|iletilen mesaj)[-_ ]{2,}|begin forwarded message:|anfang der weitergeleiteten nachricht:|début du message réexpédié ?:|inicio del mensaje reenviado:|inizio messaggio inoltrato:)$/i
// "My answers stand below" means that the quote holds them.
const LOOK_BELOW =
  /\b(?:inline|in-line|see below|answers? below|comments? below|siehe unten|weiter unten|ci-dessous|más abajo|abaixo|di seguito|zie onder)\b|下記|以下に|如下|أدناه/i

/** Quotes whose lines begin with `>`. */
function byMarks(lines: readonly string[]): SplitText | undefined {
  const first = lines.findIndex(isMarked)
  if (first === -1) return undefined
  const start = attributionAbove(lines, first)
  if (lines.slice(0, start).some((line) => FORWARDED.test(trimmed(line)))) return keepAll(lines)
  let end = first
  let gaps = 0
  let isOpen = false
  for (let i = first; i < lines.length; i++) {
    if (isMarked(lines[i] ?? '')) {
      if (isOpen) gaps++
      isOpen = false
      end = i
    } else if ((lines[i] ?? '').trim() !== '') isOpen = true
  }
  // Text between two quotes is an answer within them.
  if (gaps > 0) return keepAll(lines)
  const before = lines.slice(0, start)
  const after = lines.slice(end + 1)
  const quote = lines.slice(start, end + 1)
  const isBeforeEmpty = isBlank(before)
  if (isBlank(after) || (!isBeforeEmpty && isFooter(after)))
    return isBeforeEmpty || isPointingBelow(before) ? keepAll(lines) : split(before, [...quote, ...after])
  return isBeforeEmpty ? split(after, quote) : keepAll(lines)
}

/** Quotes that are not marked, below a header that clients put there: they go on to the end. */
function byHeader(lines: readonly string[]): SplitText | undefined {
  const start = lines.findIndex((line, i) => line.length <= LINE_MAX && beginsQuote(lines, i))
  if (start === -1) return undefined
  const before = lines.slice(0, start)
  if (isBlank(before) || isPointingBelow(before)) return keepAll(lines)
  if (lines.slice(0, start + 1).some((line) => FORWARDED.test(trimmed(line)))) return keepAll(lines)
  return split(before, lines.slice(start))
}

function beginsQuote(lines: readonly string[], i: number): boolean {
  const line = trimmed(lines[i] ?? '')
  if (line === '') return false
  if (ORIGINAL.test(line) || FORWARDED.test(line)) return true
  if (isOldHeader(lines, i)) return true
  // A rule above the old header, or one that stands alone, is not enough by itself.
  if (/^_{10,}$/.test(line)) return isOldHeader(lines, nextFull(lines, i))
  return isAttribution(lines, i) && !isBlank(lines.slice(i + 1))
}

/** `From:` with at least two of `Sent:`, `To:`, `Subject:` right behind it. */
function isOldHeader(lines: readonly string[], i: number): boolean {
  if (!FROM_LINE.test(trimmed(lines[i] ?? ''))) return false
  let found = 0
  for (let at = i + 1, full = 0; at < lines.length && full < 8; at++) {
    const line = trimmed(lines[at] ?? '')
    if (line === '') {
      if (found === 0 && at > i + 1) return false
      if (found >= 2) break
      continue
    }
    full++
    if (OTHER_LINE.test(line)) found++
  }
  return found >= 2
}

/** A line that says who wrote what follows, which may be broken into three. */
function isAttribution(lines: readonly string[], i: number): boolean {
  let text = ''
  for (let at = i; at < Math.min(i + 3, lines.length); at++) {
    const line = trimmed(lines[at] ?? '')
    if (line === '') return false
    text = text === '' ? line : `${text} ${line}`
    if (text.length > LINE_MAX) return false
    if (/[:：]$|のメール$|書きました$/.test(line)) return /\d|@/.test(text) && ATTRIBUTIONS.some((pattern) => pattern.test(text))
  }
  return false
}

/** Where the quote begins whose first marked line is at `first`: with the line that says who wrote it, where there is one. */
function attributionAbove(lines: readonly string[], first: number): number {
  let last = first - 1
  while (last >= 0 && (lines[last] ?? '').trim() === '' && first - last < 4) last--
  if (last < 0 || (lines[last] ?? '').trim() === '') return first
  for (let start = last; start > last - 3 && start >= 0; start--) {
    if ((lines[start] ?? '').trim() === '') break
    const text = lines
      .slice(start, last + 1)
      .map(trimmed)
      .join(' ')
    if (text.length > LINE_MAX) break
    if (ATTRIBUTIONS.some((pattern) => pattern.test(text))) {
      // "On Monday, …" may have begun a line above, where another pattern matches the end of it alone.
      const longer = start > 0 ? `${trimmed(lines[start - 1] ?? '')} ${text}` : ''
      return longer !== '' && longer.length <= LINE_MAX && /^(?:on|at|am|le|el|em|il|op|den|w dniu)\b/i.test(longer)
        ? start - 1
        : start
    }
  }
  const line = trimmed(lines[last] ?? '')
  return line.length <= LINE_MAX && ANY_ATTRIBUTION.test(line) ? last : first
}

/** A second opinion where nothing was found: only on what is short, because its patterns are not linear. */
function byLibrary(text: string): SplitText | undefined {
  if (text.length > LIBRARY_MAX || text.split('\n').some((line) => line.length > 1000)) return undefined
  const fragments = new EmailReplyParser().read(text).getFragments()
  const cut = fragments.findIndex((_, i) => fragments.slice(i).every((one) => one.isHidden() || one.isEmpty()))
  if (cut <= 0 || !fragments.slice(cut).some((one) => one.isQuoted())) return undefined
  const reply = fragments
    .slice(0, cut)
    .map((one) => one.getContent())
    .join('\n')
    .trim()
  // What is no beginning of the text was put together otherwise than it was written.
  if (reply === '' || !text.trimStart().startsWith(reply)) return undefined
  return { reply, quoted: text.trimStart().slice(reply.length).trim() }
}

function isMarked(line: string): boolean {
  return /^ {0,3}[>＞]/.test(line)
}

function trimmed(line: string): string {
  // What is longer is nothing that a client puts there.
  return line.length > LINE_MAX * 2 ? '-' : line.trim()
}

function isBlank(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim() === '')
}

/** A signature, or what a mailing list adds. */
function isFooter(lines: readonly string[]): boolean {
  const first = lines.find((line) => line.trim() !== '') ?? ''
  return /^(?:-- ?|_{5,}|-{5,})$/.test(first)
}

function isPointingBelow(lines: readonly string[]): boolean {
  const text = lines.join('\n').trim()
  return text.length < 400 && LOOK_BELOW.test(text)
}

function nextFull(lines: readonly string[], i: number): number {
  const next = lines.findIndex((line, at) => at > i && line.trim() !== '')
  return next === -1 ? lines.length : next
}

function keepAll(lines: readonly string[]): SplitText {
  return { reply: lines.join('\n').trim(), quoted: null }
}

function split(reply: readonly string[], quoted: readonly string[]): SplitText {
  return { reply: reply.join('\n').trim(), quoted: quoted.join('\n').trim() }
}
