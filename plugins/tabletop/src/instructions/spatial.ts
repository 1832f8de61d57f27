import type { Wording } from './wording.ts'

export const outermost: Wording = {
  cues: ['outermost', 'ends', 'edges'],
  train: [
    'Let the two outermost things trade places.',
    'The things at both ends change places.',
    'Exchange what stands at the two ends of the table.',
    'Whatever is nearest to the two edges should trade places.',
    'Trade the outermost things with each other.',
    'What stands at the edges changes places; the inside stays.',
    'Let the two things at the ends trade seats.',
    'The outermost pair trades places, nothing else moves.',
    'Let the things at both edges exchange their seats.',
  ],
  heldOut: [
    'Let both outermost things exchange places.',
    'The two things at the edges trade seats.',
    'Whatever stands at the two ends should trade places.',
  ],
}

export const mirror: Wording = {
  cues: ['mirrored', 'reverse', 'reflection', 'flip'],
  train: [
    'Show the table as its reflection would look.',
    'Draw the whole scene mirrored from left to right.',
    'Reverse the order of everything on the table.',
    'Flip the row of things from left to right.',
    'Draw the reflection of this table.',
    'Everything should stand the other way round, like a reflection.',
    'Reverse the whole row from left to right.',
    'Put all the things in the reverse order.',
    'Flip the scene so that it is its own reflection.',
  ],
  heldOut: [
    'Put the whole row in reverse order.',
    'Flip everything on the table from left to right.',
    'Draw the reflection of the whole scene.',
    'Everything on the table should be mirrored.',
  ],
}

export const neighbour: Wording = {
  cues: ['directly', 'neighbour', 'beside'],
  train: [
    'Take away what stands directly {side} of the {a}.',
    'The neighbour on the {side} of the {a} has to go.',
    'Whatever stands directly {side} of the {a} should disappear.',
    'The {a} loses its neighbour on the {side}.',
    'The {a} wants nothing directly to its {side}.',
    'Take the {side} neighbour of the {a} off the table.',
    'Clear the place beside the {a}, on its {side}.',
    'Remove what is beside the {a} on the {side}.',
    'The thing directly {side} of the {a} has to go.',
  ],
  heldOut: [
    'Remove the {side} neighbour of the {a}.',
    'Clear what stands directly {side} of the {a}.',
    'What is beside the {a} on the {side} should disappear.',
  ],
}

export const flee: Wording = {
  cues: ['flee', 'flees', 'afraid', 'distance', 'quarrel', 'slide'],
  train: [
    'The {a} is afraid of the {b} and flees along its row.',
    'Keep the {a} at the greatest distance from the {b}.',
    'The {a} and the {b} quarrel. Let the {a} flee.',
    'Slide the {a} as far from the {b} as it can go.',
    'After a quarrel the {a} keeps its distance from the {b}.',
    'Let the {a} flee from the {b}, along its row.',
    'The {a} is afraid. Slide it away from the {b}.',
    'Slide the {a}: the greatest distance between it and the {b}.',
    'The {a} flees from the {b} as far as it can.',
  ],
  heldOut: [
    'The {a} is afraid of the {b}. Let it flee.',
    'After a quarrel, slide the {a} away from the {b}.',
    'Slide the {a} to the greatest distance from the {b}.',
  ],
}

export const lineUp: Wording = {
  cues: ['size', 'sizes', 'tall', 'little', 'stairs'],
  train: [
    'Line everything up by size, rising from left to right.',
    'The row should go from little to tall.',
    'The sizes should rise from left to right.',
    'Make the row rise like stairs, from little to tall.',
    'Every thing should be taller than the little one on its left.',
    'Let the row rise like stairs to the right.',
    'Line the row up by size, the little one first.',
    'Somebody lined these up by size, but mixed up two.',
    'Two things are in the wrong place by size. Correct it.',
  ],
  heldOut: [
    'Line the row up from little to tall.',
    'Correct the row so that the sizes rise to the right.',
    'Make everything rise by size, like stairs.',
  ],
}
