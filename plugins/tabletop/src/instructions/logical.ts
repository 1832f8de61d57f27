import type { Wording } from './wording.ts'

export const oddOneOut: Wording = {
  cues: ['belong', 'belongs', 'odd', 'stranger', 'fit'],
  train: [
    'One thing does not belong here. Take it away.',
    'Remove the odd one out.',
    'Which thing does not fit with the others? It has to go.',
    'All but one are of one kind. The stranger has to go.',
    'Clear away the one that does not belong to the group.',
    'Take the stranger out of the group.',
    'The one that does not fit should disappear.',
    'Only what belongs to the group should remain.',
    'One of these is the odd one. Take it off the table.',
  ],
  heldOut: [
    'Take away the odd one.',
    'Remove the thing that does not belong to the others.',
    'Only the group should remain. The stranger should disappear.',
    'The one that does not fit the group has to go.',
  ],
}

export const pattern: Wording = {
  cues: ['pattern', 'rhythm', 'repeats', 'continue', 'continues', 'next'],
  train: [
    'Continue the pattern.',
    'What comes next in this pattern? Put it there.',
    'The row repeats itself. Put in what comes next.',
    'Fill the free place so that the pattern continues.',
    'One thing is missing from the pattern. Complete it.',
    'Keep the rhythm of the row going by one more thing.',
    'The row has a rhythm. Continue it by one.',
    'The pattern repeats. Complete it at the free place.',
    'Let the row go on by one thing, in the same rhythm.',
  ],
  heldOut: [
    'Complete the pattern with what comes next.',
    'Continue the rhythm of the row by one more.',
    'Put what is missing at the free place so the pattern continues.',
  ],
}

export const sum: Wording = {
  cues: ['sum', 'calculate', 'altogether'],
  train: [
    'Write the sum of the two numbers at the question mark.',
    'What is the sum of both? Answer at the question mark.',
    'Calculate the sum and put it at the question mark.',
    'The question mark hides the sum of both numbers.',
    'How much are the numbers altogether? Answer at the question mark.',
    'Solve it: write the sum at the question mark.',
    'The question mark should be what the numbers make altogether.',
    'Calculate what both numbers make and write it down.',
    'The sum of the numbers is missing. Put it in.',
  ],
  heldOut: [
    'Calculate the sum of both numbers.',
    'Write what the numbers make altogether at the question mark.',
    'The question mark hides what both numbers make altogether.',
  ],
}

export const count: Wording = {
  cues: ['count', 'counts', 'many'],
  train: [
    'How many {category} are there? Answer at the question mark.',
    'Count the {category} and write it at the question mark.',
    'Somebody counts the {category}. What does the question mark hide?',
    'Count the {category} on the table.',
    'The question mark tells how many {category} stand here.',
    'Write down how many {category} you see.',
    'The question mark should tell the count of {category}.',
    'How many of these are {category}?',
    'Put the count of {category} at the question mark.',
  ],
  heldOut: [
    'Write the count of {category} at the question mark.',
    'Count how many {category} stand on the table.',
    'How many {category} do you see? Put it at the question mark.',
  ],
}

export const numberOrder: Wording = {
  cues: ['low', 'high', 'ascending', 'lowest', 'sort', 'sorted'],
  train: [
    'Sort the numbers from low to high.',
    'Put the numbers in ascending order.',
    'The numbers should go from low to high.',
    'The lowest number should stand first, and so on.',
    'Two numbers are mixed up. Put them in ascending order.',
    'Sort the row of numbers, the lowest first.',
    'Make the numbers ascending from left to right.',
    'The numbers should be sorted, but two are mixed up.',
    'From low to high: correct the row of numbers.',
  ],
  heldOut: [
    'Sort the numbers in ascending order.',
    'Correct the numbers so that they go from low to high.',
    'The numbers should be sorted with the lowest first.',
  ],
}
