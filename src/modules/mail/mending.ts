import type { Failure } from './transport.ts'

/** What went wrong with a mail, as far as advice goes by it. */
export type MailTrouble = Pick<Failure, 'kind' | 'stage' | 'smtp_code' | 'enhanced_code' | 'response'>

/** What somebody can do who runs Beckon, when a mail was not taken. */
export function mendingOf({ stage, response, smtp_code, enhanced_code }: MailTrouble): string {
  switch (stage) {
    case 'connection':
      return ofConnection(response)
    case 'sign-in':
      return 'The server does not take user and password. Check them in BECKON_MAIL_URL; special characters must be percent-encoded. Many providers want a password made for programs, or a key, and not that of the account.'
    case 'sender':
      return 'The server does not let us send from this address. Set BECKON_MAIL_FROM, or the address of the mailbox, to one that your account may use, and verify its domain with the provider.'
    case 'recipient':
      if (enhanced_code === '5.6.7') return 'Use a mail server that has SMTPUTF8, or an address with ASCII before the @.'
      if (/relay/i.test(response))
        return 'The server relays no mail for us. Put user and password into BECKON_MAIL_URL, or let the server relay for this host.'
      return smtp_code !== null && smtp_code < 500
        ? 'The server puts mail to this address off. That is usual for a sender whom it meets for the first time: Beckon tries again by itself.'
        : 'The server does not take mail to this address. Try another one, to see whether it is the address or the server.'
    case 'message':
      return 'The server read the mail and refused it. Its words say why: often SPF, DKIM or DMARC of the domain of the sender. Publish the records that docs/mail.md names.'
  }
}

function ofConnection(response: string): string {
  if (/ENOTFOUND|EAI_AGAIN|getaddrinfo|EDNS/i.test(response))
    return 'The name of the mail server cannot be found. Check the host in BECKON_MAIL_URL, and the DNS of this machine.'
  if (/ECONNREFUSED/i.test(response))
    return 'Nothing listens there. Check host and port in BECKON_MAIL_URL: 587 for smtp://, 465 for smtps://.'
  if (/certificate|self.signed|altnames|CERT_/i.test(response))
    return 'The certificate of the server is not valid for this host. Use the name that it is made for; for a server of your own, give Node its authority by NODE_EXTRA_CA_CERTS.'
  if (/STARTTLS/i.test(response))
    return 'The server offers no STARTTLS, and a password never goes in clear text. Use smtps:// with port 465, or a server that encrypts.'
  if (/wrong version|SSL|TLS|EPROTO/i.test(response))
    return 'The server does not talk TLS on this port. Use smtps:// for port 465, and smtp:// for 587 and 25.'
  if (/time|took too long|Greeting never/i.test(response))
    return 'No answer. Many hosts block ports 25, 465 and 587: try 587 or 2525, ask your host, or send by HTTP with mailgun://KEY@DOMAIN.'
  return 'Check host, port and smtp:// or smtps:// in BECKON_MAIL_URL, and whether this machine may connect there.'
}
