import { type Command, InvalidArgumentError } from 'commander'
import { checkEmail } from '../config-values.ts'
import { systemClock } from '../platform/clock.ts'
import { newId } from '../platform/ids.ts'
import { configOf, print, takeSettings, typedOf } from './command.ts'
import { CommandFailed } from './exit.ts'

/** `beckon mail test` */
export function mailTest(command: Command): void {
  takeSettings(command)
    .description('Send a mail now, the way mail leaves, and say what the mail server says; where it fails, how to mend it.')
    .argument('<address>', 'to whom', readAddress)
    .action(async (address: string) => {
      const { mendingOf, messageIdOf, senderIn } = await import('../modules/mail/index.ts')
      const { withHouse } = await import('./house.ts')
      const config = configOf(command)
      const id = newId('mail').slice('mail_'.length)
      const header_id = messageIdOf(id, config.mailFrom)
      const outcome = await withHouse(config, ({ postOffice }) =>
        postOffice.post({
          letter: { ...letter, from: senderIn(config.mailFrom), to: { name: '', address } },
          header_id,
          ...{
            outbox_id: `out_${id}`,
            date: systemClock.now(),
          },
        }),
      )
      const { kind, smtp_code, enhanced_code, response } = outcome
      const isTaken = kind === 'accepted'
      const mending = outcome.kind === 'accepted' ? null : mendingOf(outcome)
      const where =
        config.mailUrl === undefined ? 'BECKON_MAIL_URL is not set: the mail is in the development outbox, /dev/outbox.' : ''
      const result = {
        to: address,
        from: config.mailFrom,
        header_id,
        accepted: isTaken,
        smtp_code,
        enhanced_code,
        response,
        mending,
      }
      const said = isTaken ? `The mail from ${config.mailFrom} to ${address} was taken: ${response}` : ''
      print(typedOf(command).format, result, isTaken ? [said, where].filter((line) => line !== '') : [])
      if (!isTaken)
        throw new CommandFailed(`The mail from ${config.mailFrom} to ${address} was not taken: ${response}\n${mending}`)
    })
}

const letter = {
  ...{ reply_to: null, in_reply_to: null, references: [], list_unsubscribe: null, html: null, language: 'en' },
  auto_submitted: 'auto-generated' as const,
  subject: 'A mail from Beckon',
  text: 'This is how mail leaves your desk. If you read it, it arrived.\n\nLook at its source: SPF, DKIM and DMARC should say "pass".\n',
}

function readAddress(text: string): string {
  const mistake = checkEmail(text)
  if (mistake) throw new InvalidArgumentError(mistake.wrong)
  return text
}
