import type { Wording } from './wording.ts'

export const rain: Wording = {
  cues: ['rain', 'rains', 'shower', 'storm', 'pours'],
  train: [
    'The roof leaks and rain falls on the table.',
    'A rain cloud passes over the table.',
    'It pours through the open window onto everything.',
    'Show the table after a heavy shower.',
    'A storm comes down on whatever stands here.',
    'Everything here was out in the rain.',
    'It rains, and this table has no roof.',
    'The table stood outside in a shower of rain.',
    'The storm pours down on the open table.',
    'Nobody carried these things inside before the storm.',
  ],
  heldOut: [
    'It rains on everything here.',
    'A heavy storm passes over the table.',
    'These things stood outside in a shower.',
    'Rain pours down on the open table.',
  ],
}

export const drop: Wording = {
  cues: ['floor', 'fall', 'drops', 'dropped', 'earthquake', 'knocks'],
  train: [
    'A cat knocks everything onto the stone floor.',
    'Everything was dropped on the floor and put back.',
    'The table tips over. Show each thing after its fall.',
    'Show each thing after a fall onto a stone floor.',
    'Somebody drops the lot. Show what is picked up.',
    'An earthquake shakes everything off the table.',
    'What do these things look like after a hard fall?',
    'They all drop from the top shelf onto the floor.',
    'Somebody drops everything on the floor and puts it back.',
    'An earthquake knocks it all over.',
  ],
  heldOut: [
    'An earthquake knocks everything to the floor.',
    'Everything was dropped from the top shelf. Show the result.',
    'Show these things after a hard fall on the stone floor.',
    'A cat drops everything on the floor.',
  ],
}

export const heat: Wording = {
  cues: ['fire', 'stove', 'flames', 'pan', 'heat'],
  train: [
    'Put everything over a hot fire and show what comes of it.',
    'All of this stands on a red hot stove for too long.',
    'What happens to these things in the flames of a fire?',
    'The cook puts everything into a hot pan.',
    'Heat everything on the stove and draw the result.',
    'Show the table after the heat of a big fire.',
    'Everything goes into a pan over the flames.',
    'Somebody forgets all of this on the stove.',
    'Hold each thing over the flames. What comes of it?',
    'It gets as hot here as in a pan on the stove.',
  ],
  heldOut: [
    'Everything is put into a hot pan on the stove.',
    'What comes of these things in the heat of a fire?',
    'Show each thing after too long over the flames.',
  ],
}

export const freeze: Wording = {
  cues: ['freezer', 'frosty', 'zero', 'arctic'],
  train: [
    'Put everything in the freezer overnight.',
    'All of this spends a night in the freezer.',
    'A frosty night comes over the table.',
    'The table stood outside all through the frosty night.',
    'Somebody keeps all of this far below zero.',
    'It was far below zero here all night.',
    'Show these things straight out of the freezer.',
    'An arctic wind blows over the table all night.',
    'Everything comes home from an arctic journey.',
    'All of it goes into the freezer until the morning.',
  ],
  heldOut: [
    'Show everything after a night in the freezer.',
    'The table stood in an arctic wind overnight.',
    'All through the night it was below zero here.',
    'All of this stood outside in the frosty wind.',
  ],
}

export const water: Wording = {
  cues: ['water', 'waters', 'watering', 'thirsty', 'gardener', 'roots'],
  train: [
    'Give everything thirsty a good drink of water.',
    'Somebody remembers to water the plants.',
    'The gardener comes with the watering can.',
    'The thirsty plants get all the water they need.',
    'A gardener looks after the plants on the table.',
    'Water everything here that has roots.',
    'The gardener waters everything with roots.',
    'Pour water on the thirsty plants and wait.',
    'Take good care of the thirsty plants with a watering can.',
  ],
  heldOut: [
    'The gardener waters everything thirsty.',
    'Give water to the plants with roots.',
    'Somebody comes with a watering can for the thirsty plants.',
  ],
}
