import type { Story } from '../story.ts'

/** What is written to the demo desk in English. */
export const english: readonly Story[] = [
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['parcel', 'tracking'],
    subject: 'Order {order} has not moved for five days',
    opening:
      'Hello,\n\nI ordered a {product} (order {order}). The tracking page has said "in transit" since last week and nothing has changed. When will it arrive?\n\nThanks\n{name}',
    turns: [
      ['note', 'The carrier scanned it at the depot on Tuesday and never loaded it. Asked them for a search.'],
      [
        'hold',
        'Hi {name},\n\nI am sorry about the wait. The parcel is at the depot of the carrier, and I have asked them to look for it. I will write again as soon as they answer, tomorrow at the latest.\n\n{agent}',
      ],
      ['requester', 'Thank you. I am at home until Friday, after that somebody would have to sign for it.'],
      ['agent', 'They found it: it is on the van now and comes **tomorrow between 9 and 13**.'],
      ['requester', 'It is here, nothing is damaged. Thanks for chasing it!'],
      ['solve', 'Great. Enjoy the ride, {name}!'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['battery', 'e-bike'],
    priority: 'high',
    subject: '{product}: battery is empty after 20 km',
    opening:
      'My {product} is seven months old. It used to do about 80 km on a charge, since last weekend it is 20 at most. Tyre pressure is fine, and the charger light goes green as it always did.\n\nIs that a warranty case?',
    turns: [
      [
        'ask',
        'Hello {name},\n\nThat sounds like a weak cell, which the warranty covers. Could you hold the power button for ten seconds and send me the number that the display shows as `SoH`?',
      ],
      ['requester', 'It says `SoH 61`.'],
      ['note', 'Below 70 within two years: replace without sending it in. Stock has nine of them.'],
      [
        'agent',
        'That settles it. A new battery leaves today, and the parcel holds a label for the old one. Please send it back within 14 days.',
      ],
      ['requester', 'That was easy. The new one is in, and the range is back.'],
      ['solve', 'Good to hear. The old one has arrived here, too, so I close this.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['invoice', 'vat'],
    subject: 'Invoice for order {order} lacks our VAT number',
    opening:
      'Hi,\n\nour accountants sent the invoice for {order} ({amount}) back because our VAT number is missing. Can you issue it again?\n\nRegards\n{name}',
    turns: [
      ['ask', 'Hello {name}, certainly. Which number shall stand on it, and is the address still right?'],
      ['requester', 'GB 123 4567 89, and yes, the address is right.'],
      ['solve', 'Done: the corrected invoice is in your account under **Orders → {order} → Documents**. The first one is void.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['return', 'refund'],
    subject: 'Return of {order}: frame is too small',
    opening:
      'The {product} is lovely but too small for me, I should have taken the L. How do I send it back, and can you send the larger one at once?',
    turns: [
      [
        'agent',
        'Hi {name}, no problem within 30 days. I have reserved an L for you. The carrier picks the other one up; which day suits you?',
      ],
      ['requester', 'Thursday, any time. Do I have to take the pedals off again?'],
      [
        'solve',
        'No, leave them on and turn the handlebar as it came. Thursday is booked, and the L leaves when the driver has scanned the box.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['brakes', 'safety'],
    priority: 'urgent',
    subject: 'Front brake does not grip when wet ({product})',
    opening:
      'This morning in the rain the front brake of my {product} did nothing at all for two or three seconds. I only just stopped at the junction. What should I do? I need the bike for work.',
    turns: [
      ['note', 'Safety. Third report for this batch of pads this month, see the recall draft. @workshop please keep a slot.'],
      [
        'agent',
        'Please do not ride it until the pads are changed, {name}. Some sets of that batch were contaminated. I can offer you:\n\n1. new pads by express, there tomorrow, and we pay a workshop near you, or\n2. our van, which comes on Friday.\n\nWhich one is better for you?',
      ],
      ['requester', 'The first one please, there is a workshop around the corner.'],
      ['agent', 'They are on their way, before noon tomorrow. Send me the bill of the workshop here, up to 60.'],
      ['requester', 'Pads are in and it brakes like new. The bill was 35.'],
      ['solve', 'Thank you for your patience, {name}. 35 go back to the card that you paid with, within three days.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['login'],
    subject: 'I cannot change my delivery address',
    opening:
      'When I save my new address the page says "please check your entries" and marks nothing. I moved to Leeds and the next parcel must not go to the old flat.',
    turns: [
      [
        'agent',
        'Thank you for telling us, {name}. The form does not take a slash in the house number at present. Write `12 B` in place of `12/B`, then it works.',
      ],
      ['requester', 'It did. Please fix the message, though, I tried for half an hour.'],
      ['note', 'Passed on to the shop team, they have it in their list already.'],
      ['solve', 'You are right, and the shop team has it on their list. Sorry about the half hour.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Advice',
    tags: ['presales'],
    priority: 'low',
    subject: 'Does the child seat fit the {product}?',
    opening: 'Before I order: is the rack of the {product} made for a child seat, and up to which weight?',
    turns: [
      [
        'solve',
        'Hi {name}, yes: it takes every seat with the standard clamp, up to 27 kg including the seat. With the large panniers you would have to move them back by one hole.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Spare parts',
    tags: ['spare-part'],
    subject: 'Where do I get the display bracket of the {product}?',
    opening:
      'The little bracket under the display broke when the bike fell over. The display itself is fine. I find no such part in the shop.',
    turns: [
      ['ask', 'Hello {name}, there are two versions. Is there a 3 or a 4 printed on the back of the broken piece?'],
      ['requester', 'A 4, I think. Photo is a bit blurred, sorry.'],
      ['agent', 'A 4 it is. It costs 6.90, and I put it into an envelope today if that is all right with you.'],
      ['requester', 'Yes please, charge it to the same card.'],
      ['solve', 'Done, it is in the post. No need to remove the handlebar, two screws from below are enough.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['payment', 'refund'],
    priority: 'high',
    subject: 'Charged twice for order {order}',
    opening: 'My bank shows {amount} twice on the same day, both from you, for one order ({order}). Please return one of them.',
    turns: [
      ['note', 'Payment log: first try timed out on our side, second went through, both were captured.'],
      [
        'agent',
        'You are right, {name}, and I am sorry. The first payment was not shown to us as done. I have just sent {amount} back; banks take two to five days for that.',
      ],
      ['requester', 'Received it today. All good.'],
      ['solve', 'Thank you for the word, {name}.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['damage', 'parcel'],
    priority: 'high',
    subject: 'Box arrived open, helmet is missing',
    opening:
      'The box of order {order} was torn at one side. The {product} seems all right but the helmet that I ordered with it is not there. I took pictures before I signed.',
    turns: [
      [
        'agent',
        'Thank you for taking pictures, that helps with the carrier. A new helmet leaves today at no cost. Would you look whether the fork and the rims have scratches?',
      ],
      ['requester', 'One scratch on the left of the fork, about 2 cm. It does not bother me much.'],
      ['note', 'Claim with the carrier filed. 40 as a voucher is fine for the scratch.'],
      ['solve', 'Then I would like to make up for it with a voucher of 40, it is in your account. Have a good ride!'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['fleet', 'service'],
    subject: 'Yearly service for eight bikes',
    opening:
      'Hello, it is that time again: our eight {product} need their yearly service. Can you do it on our premises like last year, and when?',
    turns: [
      [
        'agent',
        'With pleasure, {name}. The van is free on the second Tuesday and Wednesday of next month. Eight bikes take about a day and a half.',
      ],
      ['requester', 'Tuesday and Wednesday it is. Two of them have a rattle when they coast.'],
      [
        'hold',
        'Booked for both days. For the rattle I order two freewheels, just in case; I come back to you when they are here.',
      ],
      ['solve', 'The parts have arrived, so everything is ready for Tuesday. The team rings you half an hour before.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['preorder'],
    subject: 'When will the {product} be available again?',
    opening: 'The shop has said "two weeks" for five weeks now. Is there an honest date?',
    turns: [
      ['note', 'Purchasing says container is due on the 18th, then two days for customs.'],
      [
        'agent',
        'That question is fair, {name}. The ship is due on the 18th, so the first ones leave here on the 21st or 22nd. Shall I reserve one?',
      ],
      ['requester', 'Yes, in green if there is one.'],
      ['solve', 'A green one is yours. You pay when it leaves, and you can call it off until then.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['e-bike', 'firmware'],
    subject: 'Error 31 on the display of the {product}',
    opening: 'Since the update yesterday the display shows error 31 whenever I switch the light on. The motor runs all the same.',
    turns: [
      [
        'ask',
        'Hi {name}, error 31 says that the rear light does not answer. Does it burn, and is its plug under the rack in place?',
      ],
      ['requester', 'The light is on. I pulled the plug and put it back, the error stays.'],
      ['note', 'Firmware 2.8.1 asks lights of the old series in a way that they do not know. 2.8.2 is out on Monday.'],
      [
        'hold',
        'Then it is our update: it misreads the older rear light. You can ride on, nothing is broken. The next update, on Monday, mends it. I keep this open until then.',
      ],
      ['requester', 'Updated just now, and the error is gone.'],
      ['solve', 'Thank you for trying it so quickly!'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['privacy'],
    subject: 'Please delete my account',
    opening: 'I sold my bike and need the account no longer. Please delete what you have about me.',
    turns: [
      [
        'agent',
        'Of course, {name}. Invoices have to stay for the legal term, everything else goes. If you do not object by tomorrow evening I do it then.',
      ],
      ['requester', 'No objection.'],
      ['solve', 'It is done. All the best, and thank you for the time with us.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['refund'],
    subject: 'Still waiting for the refund of {order}',
    opening:
      'I sent the {product} back three weeks ago and the parcel was delivered to you on the 3rd. The refund of {amount} has not come.',
    turns: [
      ['note', 'Return was booked under the old order number, so nobody saw it. Refund released.'],
      ['agent', 'I found it, {name}: it was booked under a wrong number, that is our mistake. The refund went out a minute ago.'],
      ['requester', 'Thanks. I would have liked to hear that without asking.'],
      ['solve', 'Quite right. We now look for returns without an order every morning.'],
    ],
  },
]
