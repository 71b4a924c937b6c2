// What a traveler told with a request, beside what all kinds have: labels and words, kind by kind.

import { day, named, tag, word } from "./words.js";

const FIELDS = {
  interpreter: ["languages", "place", "now"],
  appointment: ["cargo"],
  lost_item: ["what", "where", "date"],
  complaint: ["tone", "text"],
};

// Those that are not in the traveler's own words.
const WORDS = {
  languages: (codes) => codes.map((code) => named("language", code)).join(word("board_list")),
  now: () => word("board_now"),
  date: (date) => day(`${date}T00:00:00Z`),
  tone: (tone) => named("board_tone", tone),
};

// `{label, text, lang}` of all that was told; `lang` only where the words are the traveler's.
export function told(request) {
  const { kind, details = {} } = request;
  return (FIELDS[kind] ?? []).filter((name) => details[name]).map((name) => ({
    label: word(`board_details_${kind}_${name}`),
    text: WORDS[name]?.(details[name]) ?? details[name],
    lang: name in WORDS ? "" : tag(request),
  }));
}
