// Replies as the programs of people write them, in the languages that they speak: only what is new is the reply.
import { both, plain, type Sample } from './sample.ts'

const NEW = 'It still burns, please come.'
const OLD = 'Have you tried to pour water on it?'
const AGENT = { name: 'Tom Agent', address: 'help@desk.example' }

interface Language {
  /** How Gmail says who wrote what when. */
  gmail: string
  /** How Apple Mail does. */
  apple: string
  /** How Thunderbird does. */
  thunderbird: string
  /** The names of From, Sent, To and Subject in Outlook. */
  outlook: readonly [from: string, sent: string, to: string, subject: string]
  /** Before a reply's subject. */
  re: string
}

const n = AGENT.name
const a = AGENT.address
const languages: Record<string, Language> = {
  en: {
    gmail: `On Sun, Nov 22, 2026 at 10:00 AM ${n} <${a}> wrote:`,
    apple: `On 22 Nov 2026, at 10:00, ${n} <${a}> wrote:`,
    thunderbird: `On 11/22/26 10:00, ${n} wrote:`,
    outlook: ['From', 'Sent', 'To', 'Subject'],
    re: 'Re',
  },
  de: {
    gmail: `Am So., 22. Nov. 2026 um 10:00 Uhr schrieb ${n} <${a}>:`,
    apple: `Am 22.11.2026 um 10:00 schrieb ${n} <${a}>:`,
    thunderbird: `Am 22.11.26 um 10:00 schrieb ${n}:`,
    outlook: ['Von', 'Gesendet', 'An', 'Betreff'],
    re: 'AW',
  },
  fr: {
    gmail: `Le dim. 22 nov. 2026 à 10:00, ${n} <${a}> a écrit :`,
    apple: `Le 22 nov. 2026 à 10:00, ${n} <${a}> a écrit :`,
    thunderbird: `Le 22/11/2026 à 10:00, ${n} a écrit :`,
    outlook: ['De', 'Envoyé', 'À', 'Objet'],
    re: 'RE',
  },
  es: {
    gmail: `El dom, 22 nov 2026 a las 10:00, ${n} (<${a}>) escribió:`,
    apple: `El 22 nov 2026, a las 10:00, ${n} <${a}> escribió:`,
    thunderbird: `El 22/11/26 a las 10:00, ${n} escribió:`,
    outlook: ['De', 'Enviado', 'Para', 'Asunto'],
    re: 'RE',
  },
  pt: {
    gmail: `Em dom., 22 de nov. de 2026 às 10:00, ${n} <${a}> escreveu:`,
    apple: `Em 22 de nov. de 2026, à(s) 10:00, ${n} <${a}> escreveu:`,
    thunderbird: `Em 22/11/2026 10:00, ${n} escreveu:`,
    outlook: ['De', 'Enviado', 'Para', 'Assunto'],
    re: 'RES',
  },
  it: {
    gmail: `Il giorno dom 22 nov 2026 alle ore 10:00 ${n} <${a}> ha scritto:`,
    apple: `Il giorno 22 nov 2026, alle ore 10:00, ${n} <${a}> ha scritto:`,
    thunderbird: `Il 22/11/2026 10:00, ${n} ha scritto:`,
    outlook: ['Da', 'Inviato', 'A', 'Oggetto'],
    re: 'R',
  },
  nl: {
    gmail: `Op zo 22 nov 2026 om 10:00 schreef ${n} <${a}>:`,
    apple: `Op 22 nov 2026, om 10:00 heeft ${n} <${a}> het volgende geschreven:`,
    thunderbird: `Op 22-11-2026 om 10:00 schreef ${n}:`,
    outlook: ['Van', 'Verzonden', 'Aan', 'Onderwerp'],
    re: 'Antw',
  },
  pl: {
    gmail: `niedz., 22 lis 2026 o 10:00 ${n} <${a}> napisał(a):`,
    apple: `Wiadomość napisana przez ${n} <${a}> w dniu 22.11.2026, o godz. 10:00:`,
    thunderbird: `W dniu 22.11.2026 o 10:00, ${n} pisze:`,
    outlook: ['Od', 'Wysłano', 'Do', 'Temat'],
    re: 'Odp',
  },
  sv: {
    gmail: `Den sön 22 nov. 2026 kl 10:00 skrev ${n} <${a}>:`,
    apple: `22 nov. 2026 kl. 10:00 skrev ${n} <${a}>:`,
    thunderbird: `Den 2026-11-22 kl. 10:00, skrev ${n}:`,
    outlook: ['Från', 'Skickat', 'Till', 'Ämne'],
    re: 'SV',
  },
  ru: {
    gmail: `вс, 22 нояб. 2026 г. в 10:00, ${n} <${a}>:`,
    apple: `22 нояб. 2026 г., в 10:00, ${n} <${a}> написал(а):`,
    thunderbird: `22.11.2026 10:00, ${n} пишет:`,
    outlook: ['От', 'Отправлено', 'Кому', 'Тема'],
    re: 'Re',
  },
  ja: {
    gmail: `2026年11月22日(日) 10:00 ${n} <${a}>:`,
    apple: `2026/11/22 10:00、${n} <${a}>のメール:`,
    thunderbird: `On 2026/11/22 10:00, ${n} wrote:`,
    outlook: ['差出人', '送信日時', '宛先', '件名'],
    re: 'Re',
  },
  zh: {
    gmail: `${n} <${a}> 于2026年11月22日周日 10:00写道：`,
    apple: `在 2026年11月22日，10:00，${n} <${a}> 写道：`,
    thunderbird: `在 2026/11/22 10:00, ${n} 写道:`,
    outlook: ['发件人', '发送时间', '收件人', '主题'],
    re: '回复',
  },
  ko: {
    gmail: `2026년 11월 22일 (일) 오전 10:00, ${n} <${a}>님이 작성:`,
    apple: `2026. 11. 22. 오전 10:00, ${n} <${a}> 작성:`,
    thunderbird: `On 2026-11-22 10:00, ${n} wrote:`,
    outlook: ['보낸 사람', '보낸 날짜', '받는 사람', '제목'],
    re: 'RE',
  },
  ar: {
    gmail: `في الأحد، 22 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة ${n} <${a}>:`,
    apple: `في ٢٢ نوفمبر ٢٠٢٦، الساعة ١٠:٠٠، كتب ${n} <${a}>:`,
    thunderbird: `On 11/22/26 10:00, ${n} wrote:`,
    outlook: ['من', 'تاريخ الإرسال', 'إلى', 'الموضوع'],
    re: 'رد',
  },
}

const quoted = `> ${OLD}\n> Tom\n`

export const replies: Sample[] = Object.entries(languages)
  .flatMap(([language, said]): Sample[] => {
    const subject = {
      Subject: `=?utf-8?B?${Buffer.from(`${said.re}: [#1042] Printer`).toString('base64')}?=`,
      'In-Reply-To': '<sent-1@desk.example>',
      References: '<sent-1@desk.example>',
    }
    const expect = { class: 'person' as const, reply: NEW, keeps: [OLD] }
    const [from, sent, to, about] = said.outlook
    const block = `${from}: ${n} <${a}>\n${sent}: Sunday, 22 November 2026 10:00\n${to}: Mia Muster <mia@customer.example>\n${about}: [#1042] Printer\n\n${OLD}\n`
    const gmailHtml = `<div dir="ltr">${NEW}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${escaped(said.gmail)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><p>${OLD}</p></blockquote></div>`
    const appleHtml = `<html><head></head><body><div>${NEW}</div><br><div><blockquote type="cite"><div>${escaped(said.apple)}</div><br class="Apple-interchange-newline"><div>${OLD}</div></blockquote></div></body></html>`
    const outlookHtml = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><div class="WordSection1"><p class="MsoNormal">${NEW}</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>${from}:</b> ${n} &lt;${a}&gt;<br><b>${sent}:</b> Sunday<br><b>${to}:</b> Mia<br><b>${about}:</b> [#1042] Printer</p></div></div><p class="MsoNormal">${OLD}</p></div></body></html>`
    const owaHtml = `<html><body><div dir="ltr">${NEW}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>${from}:</b> ${n}<br><b>${sent}:</b> Sunday<br><b>${to}:</b> Mia<br><b>${about}:</b> Printer</div><div>${OLD}</div></body></html>`
    const thunderbirdHtml = `<html><body><p>${NEW}</p><div class="moz-cite-prefix">${escaped(said.thunderbird)}<br></div><blockquote type="cite" cite="mid:sent-1@desk.example"><p>${OLD}</p></blockquote></body></html>`
    return [
      {
        name: `Gmail, ${language}`,
        raw: both(`gmail ${language}`, `${NEW}\n\n${said.gmail}\n\n${quoted}`, gmailHtml, subject),
        expect,
      },
      {
        name: `Gmail, ${language}, plain`,
        raw: plain(`gmail plain ${language}`, `${NEW}\n\n${said.gmail}\n\n${quoted}`, subject),
        expect,
      },
      {
        name: `Apple Mail, ${language}`,
        raw: both(`apple ${language}`, `${NEW}\n\n> ${said.apple}\n> \n${quoted}`, appleHtml, subject),
        expect,
      },
      { name: `Outlook, ${language}`, raw: both(`outlook ${language}`, `${NEW}\n\n${block}`, outlookHtml, subject), expect },
      {
        name: `Outlook, ${language}, plain`,
        raw: plain(`outlook plain ${language}`, `${NEW}\n\n________________________________\n${block}`, subject),
        expect,
      },
      {
        name: `Outlook on the web, ${language}`,
        raw: both(`owa ${language}`, `${NEW}\n________________________________\n${block}`, owaHtml, subject),
        expect,
      },
      {
        name: `Thunderbird, ${language}`,
        raw: both(`thunderbird ${language}`, `${NEW}\n\n${said.thunderbird}\n${quoted}`, thunderbirdHtml, subject),
        expect,
      },
      {
        name: `Thunderbird, ${language}, plain`,
        raw: plain(`thunderbird plain ${language}`, `${NEW}\n\n${said.thunderbird}\n${quoted}`, subject),
        expect,
      },
    ]
  })
  .concat([
    {
      name: 'an inline reply',
      raw: plain(
        'inline',
        `On Sun, Nov 22, 2026 at 10:00 AM ${n} <${a}> wrote:\n\n> Is it hot?\n\nYes, very.\n\n> And loud?\n\nNo.\n`,
      ),
      expect: { keeps: ['Is it hot?', 'Yes, very.', 'And loud?', 'No.'] },
    },
    {
      name: 'an answer below the quote',
      raw: plain('below', `On Sun, Nov 22, 2026 at 10:00 AM ${n} <${a}> wrote:\n> ${OLD}\n\n${NEW}\n`),
      expect: { keeps: [NEW, OLD] },
    },
    {
      name: 'nothing but a quote',
      raw: plain('only quote', `On Sun, Nov 22, 2026 at 10:00 AM ${n} <${a}> wrote:\n\n${quoted}`),
      expect: { keeps: [OLD] },
    },
    { name: 'a signature', raw: plain('signature', `${NEW}\n\n-- \nMia Muster\nHead of Printing\n`), expect: { keeps: [NEW] } },
    {
      name: 'sent from a telephone',
      raw: plain('iphone', `${NEW}\n\nSent from my iPhone\n\n> On 22 Nov 2026, at 10:00, ${n} <${a}> wrote:\n> \n> ${OLD}\n`),
      expect: { keeps: [NEW, OLD] },
    },
    {
      name: 'a forwarded conversation',
      raw: plain(
        'forwarding',
        `What do you say to this?\n\n---------- Forwarded message ---------\nFrom: Ben <ben@else.example>\nDate: Sun, Nov 22, 2026\nSubject: Fire\nTo: Mia\n\nThere is a fire.\n`,
        { Subject: 'Fwd: Fire' },
      ),
      expect: { keeps: ['What do you say to this?', 'There is a fire.'] },
    },
    {
      name: 'words that look like the head of a quote',
      raw: plain('looks like', 'On Monday at 10:00 Tom wrote: a letter.\nAnd then we went home.\n'),
      expect: { keeps: ['On Monday', 'we went home'] },
    },
    {
      name: 'a code with arrows',
      raw: plain('code', 'My shell says:\n\n> select 1\n> from dual\n\nand then nothing. Why?\n'),
      expect: { keeps: ['select 1', 'and then nothing'] },
    },
    {
      name: 'the head of a quote on two lines',
      raw: plain('two lines', `${NEW}\n\nOn Sun, Nov 22, 2026 at 10:00 AM A Very Long Name Indeed\n<${a}> wrote:\n\n${quoted}`),
      expect: { reply: NEW },
    },
    {
      name: 'an original message of old',
      raw: plain(
        'original message',
        `${NEW}\n\n-----Original Message-----\nFrom: ${n}\nSent: Sunday\nTo: Mia\nSubject: Printer\n\n${OLD}\n`,
      ),
      expect: { reply: NEW },
    },
  ])

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
