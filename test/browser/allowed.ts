import assert from 'node:assert/strict'
import { Parser } from 'htmlparser2'

/** What may stand in the HTML of a message: tags, and for each its attributes with what they must look like. */
const BLOCK = { dir: /^auto$/ }
const NONE = {}
const REL = /^nofollow noopener noreferrer$/
const tags: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  ...Object.fromEntries(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'li', 'pre', 'th', 'td'].map((tag) => [tag, BLOCK])),
  ...Object.fromEntries(['br', 'hr', 'strong', 'em', 's', 'code', 'blockquote', 'ul'].map((tag) => [tag, NONE])),
  ...Object.fromEntries(['table', 'thead', 'tbody', 'tr'].map((tag) => [tag, NONE])),
  a: { href: /^(https?:\/\/[^/\s"<>]|mailto:)[^\s"<>]*$/, rel: REL, dir: /^ltr$/ },
  ol: { start: /^\d{1,9}$/ },
  span: { 'data-image': /^https:\/\/[^/\s"<>][^\s"<>]*$/, 'data-attachment': /^att_[0-9a-hjkmnp-tv-z]{26}$/ },
  img: { src: /^https:\/\/[^/\s"<>][^\s"<>]*$/, alt: /^/, loading: /^lazy$/, referrerpolicy: /^no-referrer$/ },
}

/** Fails unless a text holds nothing but what may stand in a message; images only from where `isSource` says. */
export function assertAllowed(
  html: string,
  { of, isSource = () => false }: { of: string; isSource?: (source: string) => boolean },
) {
  const wrong = (what: string): never => assert.fail(`${JSON.stringify(of.slice(0, 300))} has ${what}: ${html.slice(0, 500)}`)
  let links = 0
  const parser = new Parser({
    onopentag(tag, attributes) {
      const allowed = tags[tag] ?? wrong(`the tag ${tag}`)
      for (const [name, value] of Object.entries(attributes)) {
        if (!(allowed[name] ?? wrong(`the attribute ${name}`)).test(value)) wrong(`${name}=${value}`)
      }
      if (tag === 'a' && ++links > 1) wrong('a link inside a link')
      if (tag === 'a' && !(attributes.href && attributes.rel)) wrong('a link without address or rel')
      if (tag === 'img' && !isSource(attributes.src ?? '')) wrong(`an image from ${attributes.src}`)
      if (tag === 'img' && attributes.referrerpolicy !== 'no-referrer') wrong('an image that tells who reads it')
    },
    onclosetag: (tag) => {
      if (tag === 'a') links--
    },
    oncomment: () => wrong('a comment'),
    onprocessinginstruction: () => wrong('an instruction'),
    ontext: (text) => {
      if (/[\u202a-\u202e\u2066-\u2069]/.test(text)) wrong('what reorders the text around it')
    },
  })
  parser.end(html)
  // No parser is asked here: a bracket that opens is one of a tag of ours.
  const bare = html.replaceAll(/<\/?[a-z][a-z0-9]*( [a-z-]+="[^"<>]*")*( \/)?>/g, '')
  if (/[<>]/.test(bare)) wrong('a bracket that is no tag')
}
