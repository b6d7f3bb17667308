import type { Images } from '../../src/platform/markdown/images.ts'
import type { Desk, Json, Person } from '../desk.ts'
import { ATTACHMENT_ID, corpus, type Nasty } from './corpus.ts'

/** The public URL under which the corpus is shown. */
export const PUBLIC_URL = 'https://desk.example'
/** Where the attachments of the corpus may be loaded from. */
export const ATTACHMENT_LINKS = `${PUBLIC_URL}/v1/attachment-links/`

// The signature of a picture is enough: what it shows does not matter.
const picture = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex')

/** A nasty body as the app shows it, with each choice of images. */
export interface Posted extends Nasty {
  kept: string
  html: Record<Images, string>
}

/** Says every nasty body to the app, as a requester does, and reads it as an agent does who asks for images. */
export async function postCorpus(desk: Desk): Promise<{ path: string; posted: Posted[] }> {
  const ada = await desk.person()
  const agent = await desk.person({ role: 'agent' })
  const { body: ticket } = await ada.post('/v1/tickets', { subject: 'Nasty', body: 'Look at this.' })
  const path = `/v1/tickets/${ticket.id}`
  const posted: Posted[] = []
  for (const nasty of corpus) {
    const said = await withPicture(ada, nasty.body)
    const { status, body, text } = await ada.post(`${path}/messages`, said)
    if (status !== 201) throw new Error(`${nasty.name} is answered ${status}: ${text}`)
    const read = async (images: Images): Promise<string> =>
      (await agent.get(`${path}/messages/${body.id}?images=${images}`)).body.body_html
    const html = { none: await read('none'), attachments: await read('attachments'), all: await read('all') }
    posted.push({ ...nasty, body: said.body, kept: body.body, html })
  }
  return { path, posted }
}

/** The same messages as lists and the ticket show them, newest first: at most 100. */
export async function readLists(desk: Desk, path: string, images: Images): Promise<string[][]> {
  const admin = await desk.person({ role: 'admin' })
  const list = await admin.get(`${path}/messages?images=${images}&limit=100&sort=-created_at`)
  const ticket = await admin.get(`${path}?include=messages&images=${images}`)
  const htmls = (messages: Json[]): string[] => messages.map(({ body_html }) => body_html)
  return [htmls(list.body.data), htmls(ticket.body.messages).reverse()]
}

/** A body that names an attachment, with one of its own. */
async function withPicture(author: Person, body: string): Promise<{ body: string; attachment_ids?: string[] }> {
  if (!body.includes(ATTACHMENT_ID)) return { body }
  const { body: uploaded } = await author.upload({ name: 'cat.png', content: picture })
  return { body: body.replaceAll(ATTACHMENT_ID, uploaded.id), attachment_ids: [uploaded.id] }
}
