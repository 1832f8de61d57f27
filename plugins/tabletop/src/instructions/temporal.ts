import type { Wording } from './wording.ts'

export const month: Wording = {
  cues: ['month', 'weeks', 'thirty'],
  train: [
    'Picture this table a month from now.',
    'Nobody touches anything for four weeks. Show the table then.',
    'Four weeks go by in a warm room. What is here now?',
    'Show what thirty days of waiting do to these things.',
    'Everything has been standing here for a whole month.',
    'The family is away for a month. Draw what they come home to.',
    'Let a month pass and show the result.',
    'Thirty days later, what does this table look like?',
    'How will these things look after four weeks on the table?',
    'Forget about it all for a month, then show the table.',
  ],
  heldOut: [
    'A month goes by. Show what is on the table now.',
    'What will be here after thirty days?',
    'Everything waits on the table for four weeks. Draw the result.',
    'The family comes home after a month. What is here?',
  ],
}

export const hours: Wording = {
  cues: ['hours', 'afternoon', 'sunshine', 'evening'],
  train: [
    'Show the table a few hours later.',
    'It is a hot afternoon. Show the table when it is over.',
    'Three hours go by in the sunshine. What is here now?',
    'Everything stands in the sunshine until evening.',
    'Picture this scene a few hours from now.',
    'Let a hot afternoon pass and draw the result.',
    'The party goes on for hours. Show the table at the end.',
    'How does the table look this evening, after a long afternoon?',
    'What remains when a few hours of sunshine are over?',
    'Nobody comes by until the evening. Show what they find.',
  ],
  heldOut: [
    'A hot afternoon goes by. What remains on the table?',
    'Show these things after a few hours in the sunshine.',
    'Draw how the table looks this evening, a few hours later.',
    'Nobody comes by all afternoon. What is here now?',
  ],
}

export const years: Wording = {
  cues: ['years', 'grown', 'young', 'grow', 'growing'],
  train: [
    'Years pass and everything young has grown up.',
    'Show the table when the young ones have grown up.',
    'Let everything that is alive grow for some years.',
    'What does the table look like once the young have grown?',
    'Some years later, nothing here is young any more.',
    'Picture the living things after years of growing.',
    'Some years go by. Draw what the living things are then.',
    'Give everything alive the years it needs to grow up.',
    'What has grown from the young living things?',
  ],
  heldOut: [
    'Some years pass. Show the young things when they have grown.',
    'Everything alive here has some years to grow.',
    'Draw the table once everything young has grown up, years later.',
  ],
}

export const past: Wording = {
  cues: ['rewind', 'backwards', 'earlier', 'ago', 'past', 'origin'],
  train: [
    'Rewind time and show what was here long ago.',
    'Run time backwards. What were these things earlier?',
    'Show everything at an earlier time of its life.',
    'Draw the table as it was long ago.',
    'Travel into the past and show what stood here.',
    'What were these things in the past?',
    'Let time run backwards and show the origin of these things.',
    'Show what came earlier in the life of these things.',
    'Rewind the life of everything on the table.',
    'Go back to the origin of everything here.',
  ],
  heldOut: [
    'Rewind to long ago and draw what was here.',
    'Let time run backwards and show the earlier table.',
    'What stood on this table in the past, long ago?',
    'Show the origin of everything on the table.',
  ],
}

export const century: Wording = {
  cues: ['century', 'hundred', 'cellar', 'winters'],
  train: [
    'Show the table a century from now.',
    'A century goes by in a damp cellar.',
    'The house stands empty for a century. What is here now?',
    'A hundred winters go by. Draw the table.',
    'How do these things look when a century is over?',
    'Nobody opens this cellar for a hundred winters.',
    'All of it waits in a damp cellar for a century.',
    'Someone finds these things in a cellar, a century later.',
    'What have a hundred damp winters done to these things?',
  ],
  heldOut: [
    'A century goes by in the cellar. Show the table.',
    'Draw these things after a hundred winters.',
    'Nobody comes to this cellar for a century. What is here?',
  ],
}
