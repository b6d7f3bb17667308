import { isIP } from 'node:net'
import { quote, type Reading } from './platform/settings.ts'

// What the value of a setting must look like. A mistake in a secret never repeats it.

/** An IP address or a host name. Not quoted when wrong: it may be a whole URL, with a password. */
export function checkHost(text: string) {
  if (isIP(text) !== 0 || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(text)) return undefined
  return {
    wrong: 'It is not a host.',
    todo: 'Give an IP address or a host name, without http:// and without a port.',
  }
}

/** The http or https URL of a site, with or without a path. */
export function checkPublicUrl(text: string) {
  const todo = 'Give it as https://support.example.com, without user, ? and #.'
  const url = URL.parse(text)
  const isPlain = url !== null && /^https?:\/\//i.test(text) && url.username === '' && url.password === ''
  if (isPlain && !/[?#\s]/.test(text)) return undefined
  return { wrong: 'It is not the http or https URL of a site.', todo }
}

/** An IP address or a network in CIDR notation. */
export function readNetwork(item: string): Reading<string> {
  const [address = '', bits, ...rest] = item.split('/')
  const version = isIP(address)
  const isBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  if (version !== 0 && isBits && rest.length === 0) return { value: item }
  return {
    wrong: `${quote(item)} is neither an IP address nor a network.`,
    todo: 'Give addresses like 10.1.2.3 or networks like 10.0.0.0/8.',
  }
}

/** An origin as browsers send it; a slash at its end is taken off. */
export function readOrigin(item: string): Reading<string> {
  const url = URL.parse(item)
  if (url !== null && /^https?:$/.test(url.protocol) && (item === url.origin || `${url.origin}/` === item))
    return { value: url.origin }
  // Apps on phones have origins of their own, like capacitor://localhost.
  if (url?.origin === 'null' && /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(:\d+)?$/.test(item)) return { value: item }
  return {
    wrong: `${quote(item)} is not an origin.`,
    todo: 'Give origins like https://app.example.com, in lower case and without a path.',
  }
}

/** At least 32 characters. */
export function readSecret(text: string): Reading<string> {
  if (Array.from(text).length >= 32) return { value: text }
  return { wrong: 'It is shorter than 32 characters.', todo: 'Make one with `openssl rand -base64 32`.' }
}

/** The same, too long to be guessed. */
export function readLongToken(text: string): Reading<string> {
  if (text.length < 16) return { wrong: 'It is shorter than 16 characters.', todo: 'Make one with `openssl rand -hex 32`.' }
  return readToken(text)
}

/** Something that fits into an Authorization header. */
export function readToken(text: string): Reading<string> {
  if (/^[\x21-\x7e]+$/.test(text)) return { value: text }
  return { wrong: 'It has a space or a letter outside ASCII.', todo: 'Make one with `openssl rand -hex 32`.' }
}

/** `name=value,name=value`, as OpenTelemetry has it: names are those of HTTP headers (RFC 9110 §5.1), values are percent-encoded. */
export function readHeaders(text: string): Reading<Readonly<Record<string, string>>> {
  const wrong = 'It is not a list of name=value.'
  const todo = 'Write name=value, several with commas between them, and percent-encode what is special in a value.'
  const headers: Record<string, string> = {}
  for (const item of text.split(',')) {
    const [, name, value = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(item) ?? []
    if (name === undefined || !canDecode(value)) return { wrong, todo }
    const decoded = decodeURIComponent(value)
    if (!/^[\x20-\x7e]*$/.test(decoded)) return { wrong, todo }
    headers[name] = decoded
  }
  return { value: Object.freeze(headers) }
}

/** 10 to 256 characters. */
export function readPassword(text: string): Reading<string> {
  const { length } = Array.from(text)
  if (length >= 10 && length <= 256) return { value: text }
  return { wrong: `It is ${length < 10 ? 'shorter than 10' : 'longer than 256'} characters.`, todo: 'Give 10 to 256 characters.' }
}

/** The URL of an SMTP server, or of Mailgun with its key, whose user and password can be decoded. */
export function readMailUrl(text: string): Reading<string> {
  const url = URL.parse(text)
  const isServer = url !== null && /^(smtps?|mailgun):\/\//.test(text) && url.hostname !== '' && url.hash === ''
  const hasKey = isServer && (url.protocol !== 'mailgun:' || (url.username !== '' && url.password === ''))
  if (hasKey && canDecode(url.username) && canDecode(url.password)) return { value: text }
  const todo =
    'Write smtp://USER:PASSWORD@HOST:587, smtps://… or mailgun://KEY@DOMAIN; special characters in user, password and key must be percent-encoded.'
  return { wrong: 'It is not the URL of a mail server.', todo }
}

/** The URL of a Redis or Valkey server. */
export function readRedisUrl(text: string): Reading<string> {
  const url = URL.parse(text)
  const isServer = url !== null && /^rediss?:\/\//.test(text) && url.hostname !== '' && url.hash === ''
  // The path is the number of a database, which publish/subscribe does not look at.
  const hasNumber = isServer && /^(\/\d*)?$/.test(url.pathname)
  if (hasNumber && canDecode(url.username) && canDecode(url.password)) return { value: text }
  const todo = 'Write redis://USER:PASSWORD@HOST:6379 or rediss://…; special characters in them must be percent-encoded.'
  return { wrong: 'It is not the URL of a Redis server.', todo }
}

/** An address, bare or with a name before it. */
export function checkMailFrom(text: string) {
  const address = /^[^<>\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text
  if (checkEmail(address) === undefined) return undefined
  return { wrong: `${quote(text)} is not a sender.`, todo: 'Give an address, or Name <address>.' }
}

/** An e-mail address, as far as one can tell without sending. */
export function checkEmail(text: string) {
  if (text.length <= 254 && /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text)) return undefined
  return { wrong: `${quote(text)} is not an e-mail address.`, todo: 'Give an address like ada@example.com.' }
}

/** Shows of a URL what is not secret. */
export function maskUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.hostname === '') return text.startsWith('sqlite:') ? text : '***'
  // A user name without a password may be a token.
  const user = url.password === '' ? '***@' : `${url.username}:***@`
  return `${url.protocol}//${url.username === '' ? '' : user}${url.host}${url.pathname}${url.search === '' ? '' : '?***'}`
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Where a clamd listens. */
export function checkClamavUrl(text: string) {
  const url = URL.parse(text)
  const isTcp = url !== null && /^tcp:\/\/[^/]+\/?$/.test(text) && url.hostname !== '' && url.username === ''
  if (isTcp || /^unix:(\/\/)?\/[^/]/.test(text)) return undefined
  return { wrong: 'It is not where a clamd listens.', todo: 'Give it as tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl.' }
}

/** Something that keys in a bucket can begin with; it may be empty only by being left out. */
export function checkKeyPrefix(text: string) {
  if (/^[\w.-]+(\/[\w.-]+)*\/?$/.test(text) && !text.includes('..')) return undefined
  return {
    wrong: `${quote(text)} cannot begin a key.`,
    todo: 'Give letters, digits, dots, dashes and slashes, like attachments/.',
  }
}

/** A media type, or a family of them. */
export function readMediaType(item: string): Reading<string> {
  if (/^[a-z]+\/(\*|[a-z0-9][a-z0-9.+-]*)$/i.test(item)) return { value: item.toLowerCase() }
  return { wrong: `${quote(item)} is not a type of files.`, todo: 'Give types like application/pdf or image/*.' }
}
