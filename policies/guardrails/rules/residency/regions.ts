/** The regions of AWS whose names stand in a text, such as an ARN or the name of a bucket, in the text's order. */
export const regionsIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?:us|eu|ap|sa|ca|me|af|il|mx)-(?:gov-)?(?:north|south|east|west|central){1,2}-\d\b/g)),
]
